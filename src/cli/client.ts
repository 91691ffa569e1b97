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

/** A result, and what is worth knowing about it. */
interface Told<Result> {
  readonly result: Result
  readonly messages: readonly { readonly message: string }[]
}

export class Client {
  readonly url: string
  readonly #token: string | undefined

  constructor({ url, token }: { url: string; token: string | undefined }) {
    this.url = url.replace(/\/+$/, '')
    this.#token = token
  }

  get<Result>(path: string): Promise<Result> {
    return this.#call<Result>('GET', path)
  }

  /** The same where there may be nothing. */
  async find<Result>(path: string, absent: readonly number[] = [404]): Promise<Result | undefined> {
    const answer = await this.#fetch('GET', path)
    if (absent.includes(answer.status)) return undefined
    if (!answer.ok) throw await this.#refusal('GET', path, answer)
    return resultOf<Result>(answer, this.url)
  }

  post<Result>(path: string, body: object = {}): Promise<Result> {
    return this.#call<Result>('POST', path, body)
  }

  /** Sends a text as it is. */
  async postText<Result>(path: string, text: string): Promise<Told<Result>> {
    const answer = await this.#fetch('POST', path, text)
    if (!answer.ok) throw await this.#refusal('POST', path, answer)
    const { result, messages = [] } = await envelopeOf(answer, this.url)
    return { result: result as Result, messages }
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

  async #call<Result>(method: string, path: string, body?: object): Promise<Result> {
    const answer = await this.#fetch(method, path, body)
    if (!answer.ok) throw await this.#refusal(method, path, answer)
    return resultOf<Result>(answer, this.url)
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
      throw new CliError(
        `cannot reach ${this.url}: ${why}; ${UNTRUSTED.has(why) ? TRUST_HINT : 'is the server running?'}`,
      )
    }
  }

  async #refusal(method: string, path: string, answer: Response): Promise<CliError> {
    const { errors = [] } = (await answer.json().catch(() => ({}))) as Envelope
    const reasons = errors
      .filter(({ code }) => !OLDER_NUMBERS.has(code))
      .flatMap((error) => error.error_chain ?? [error])
      .map(({ code, message }) => `${message} (${code})`)
      .join('; ')
    const hint = (await this.#isStranger(errors)) ? TOKEN_HINT : ''
    return new CliError(`${reasons === '' ? `${method} ${path} answered ${answer.status}` : reasons}${hint}`)
  }

  /** Whether the token is missing or unknown. One that works and may not do what was asked is refused with the same code. */
  async #isStranger(errors: readonly EnvelopeError[]): Promise<boolean> {
    if (errors.some(({ code }) => code === TOKEN_MISSING)) return true
    return errors.some(({ code }) => code === TOKEN_REFUSED) && !(await this.#fetch('GET', VERIFY)).ok
  }
}

const VERIFY = '/client/v4/user/tokens/verify'
const TOKEN_MISSING = 9106
const TOKEN_REFUSED = 10_000
const TOKEN_HINT = '; set TWINZONE_TOKEN to the token printed at the first start'

/** What Node.js says of certificates by an authority that it does not trust. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const TRUST_HINT = 'let NODE_EXTRA_CA_CERTS name the ca.pem of its data directory'

async function envelopeOf(answer: Response, url: string): Promise<Envelope> {
  const said = (await answer.json().catch(() => undefined)) as Envelope | undefined
  if (said === undefined) throw new CliError(`${url} does not speak the API of twinzone`)
  return said
}

async function resultOf<Result>(answer: Response, url: string): Promise<Result> {
  return (await envelopeOf(answer, url)).result as Result
}

/** What an identical record, and an unknown route, are called besides, for clients that know only these. */
const OLDER_NUMBERS = new Set([81_057, 7000])
