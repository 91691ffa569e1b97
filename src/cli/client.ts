/** Talks to a twinzone server by its HTTP APIs; the command line knows no other way in. */

/** What a command could not do, in a sentence. Ends the process with exit code 1. */
export class CliError extends Error {
  override readonly name = 'CliError'
}

/** Misuse of the command line. Ends the process with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

interface Envelope {
  readonly success?: boolean
  readonly result?: unknown
  readonly errors?: readonly EnvelopeError[]
  readonly messages?: readonly { readonly message: string }[]
}

interface EnvelopeError {
  readonly code: number
  readonly message: string
  /** What the error consists of: it says more than the whole. */
  readonly error_chain?: readonly EnvelopeError[]
}

interface ClientOptions {
  readonly url: string
  readonly token: string | undefined
  /** Hears what the server finds worth saying of a change although all went well. */
  readonly heard: (message: string) => void
}

export class Client {
  readonly url: string
  readonly #token: string | undefined
  readonly #heard: ClientOptions['heard']

  constructor({ url, token, heard }: ClientOptions) {
    this.url = url.replace(/\/+$/, '')
    this.#token = token
    this.#heard = heard
  }

  get<Result>(path: string): Promise<Result> {
    return this.#call<Result>('GET', path)
  }

  /** The same where there may be nothing. */
  async find<Result>(path: string, absent: readonly number[] = [404]): Promise<Result | undefined> {
    const answer = await this.#fetch('GET', path)
    if (absent.includes(answer.status)) return undefined
    return this.#resultOf<Result>('GET', path, answer)
  }

  post<Result>(path: string, body: object = {}): Promise<Result> {
    return this.#call<Result>('POST', path, body)
  }

  /** Sends a text as it is. */
  postText<Result>(path: string, text: string): Promise<Result> {
    return this.#call<Result>('POST', path, text)
  }

  put<Result>(path: string, body: object = {}): Promise<Result> {
    return this.#call<Result>('PUT', path, body)
  }

  patch<Result>(path: string, body: object): Promise<Result> {
    return this.#call<Result>('PATCH', path, body)
  }

  delete<Result>(path: string): Promise<Result> {
    return this.#call<Result>('DELETE', path)
  }

  /** The body as it comes, piece by piece. */
  async *text(path: string): AsyncGenerator<string> {
    const answer = await this.#fetch('GET', path)
    if (!answer.ok) throw await this.#refusal('GET', path, answer)
    const decoder = new TextDecoder()
    try {
      for await (const piece of answer.body ?? []) yield decoder.decode(piece as Uint8Array, { stream: true })
    } catch (error) {
      throw new CliError(`${this.url} broke off in the middle`, { cause: error })
    }
  }

  async #call<Result>(method: string, path: string, body?: object | string): Promise<Result> {
    return this.#resultOf<Result>(method, path, await this.#fetch(method, path, body))
  }

  async #resultOf<Result>(method: string, path: string, answer: Response): Promise<Result> {
    if (!answer.ok) throw await this.#refusal(method, path, answer)
    const said = (await answer.json().catch(() => undefined)) as Envelope | undefined
    if (said === undefined) throw new CliError(`${this.url} does not speak the API of twinzone`)
    // What is asked for says all in the result; a change may have consequences that nobody thought of.
    if (method !== 'GET') for (const { message } of said.messages ?? []) this.#heard(message)
    return said.result as Result
  }

  async #fetch(method: string, path: string, body?: object | string): Promise<Response> {
    const headers: Record<string, string> = {}
    if (this.#token !== undefined) headers['authorization'] = `Bearer ${this.#token}`
    if (body !== undefined) headers['content-type'] = typeof body === 'string' ? 'text/plain' : 'application/json'
    const sent = typeof body === 'object' ? JSON.stringify(body) : (body ?? null)
    try {
      return await fetch(this.url + path, { method, headers, body: sent })
    } catch (error) {
      const { cause } = error as { cause?: { code?: string; message?: string } }
      const why = cause?.code ?? cause?.message ?? (error as Error).message
      throw new CliError(`cannot reach ${this.url}: ${why}; ${CONNECTION_HINTS[why] ?? 'is the server running?'}`)
    }
  }

  async #refusal(method: string, path: string, answer: Response): Promise<CliError> {
    const { errors = [] } = (await answer.json().catch(() => ({}))) as Envelope
    const reasons = errors
      .filter(({ code }) => !OLDER_NUMBERS.has(code))
      .flatMap((error) => error.error_chain ?? [error])
      .map(({ code, message }) => `${message} (${code})`)
      .join('; ')
    const hint = await this.#tokenHint(errors)
    return new CliError(`${reasons === '' ? `${method} ${path} answered ${answer.status}` : reasons}${hint}`)
  }

  /** What to do about a token that is missing or does not work; nothing to one that works and may not do what was asked. */
  async #tokenHint(errors: readonly EnvelopeError[]): Promise<string> {
    if (errors.some(({ code }) => code === TOKEN_MISSING)) return TOKEN_HINT
    const isRefused = errors.some(({ code }) => code === TOKEN_REFUSED)
    return isRefused && !(await this.#fetch('GET', VERIFY)).ok ? '; set TWINZONE_TOKEN to a token that works' : ''
  }
}

const VERIFY = '/client/v4/user/tokens/verify'
const TOKEN_MISSING = 9106
const TOKEN_REFUSED = 10_000
const TOKEN_HINT = '; set TWINZONE_TOKEN to the token printed at the first start'

const TRUST_HINT = 'let NODE_EXTRA_CA_CERTS name the ca.pem of its data directory'

/** What to do where a server is there and its certificate is not taken, by what Node.js calls the reason. */
const CONNECTION_HINTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST_HINT,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST_HINT,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST_HINT,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST_HINT,
  CERT_HAS_EXPIRED: 'the server needs a new certificate, or the clock here is wrong',
  CERT_NOT_YET_VALID: 'the clock here or at the server is wrong',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the server is for other names: use one of them in the URL',
}

/** What an identical record, and an unknown route, are called besides, for clients that know only these. */
const OLDER_NUMBERS = new Set([81_057, 7000])
