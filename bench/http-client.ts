/** An HTTP client that costs little beside the server it measures: connections that stay, and answers read as JSON. */

import { Agent, request } from 'node:http'

export interface HttpClientOptions {
  readonly connections: number
  readonly token: string
}

export class HttpClient {
  readonly #base: string
  readonly #agent: Agent
  readonly #headers: Readonly<Record<string, string>>

  constructor(base: string, { connections, token }: HttpClientOptions) {
    this.#base = base
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections })
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  }

  /** One call of the Cloudflare API; gives its `result`. Throws for every answer that is not 200. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = await this.text(`/client/v4${path}`, method, body)
    return (JSON.parse(text) as { result: T }).result
  }

  /** The body of an answer. */
  text(path: string, method = 'GET', body?: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? { authorization: this.#headers['authorization'] } : this.#headers
      const asked = request(`${this.#base}${path}`, { agent: this.#agent, method, headers }, (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(pieces).toString()
          if (answer.statusCode === 200) resolve(text)
          else reject(new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`))
        })
      })
      asked.on('error', reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
