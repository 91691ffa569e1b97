/** Our own server as a stranger runs it: by its command, on an empty data directory, spoken to by DNS and HTTP only. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { waitForSerial } from './ask.ts'
import type { Source } from './compare.ts'
import { Daemon, lastLines, removeFolder, temporaryFolder } from './daemon.ts'
import type { DaemonEnd } from './daemon.ts'
import { freeEndpoint, printEndpoint } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import type { TransferKey } from './peers/kind.ts'
import { waitFor } from './wait.ts'

const COMMAND = fileURLToPath(new URL('../../bin/twinzone', import.meta.url))
const CLOCK_SKEW = new URL('clock-skew.ts', import.meta.url).href
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url))
export const ADMIN_TOKEN = 'a_token_that_lives_as_long_as_a_test_runs'

/** How to start it. */
export interface TwinzoneOptions {
  /** Becomes the YAML file. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string>>
  /** A command, such as `taskset`, that the server is run under. */
  readonly under?: readonly string[]
  /** How far its clock is ahead of everybody else's. */
  readonly clockAheadSeconds?: number
  /** Where to answer DNS; a free port on 127.0.0.1 by default. */
  readonly endpoint?: Endpoint
}

/** A primary to follow, in the words of the API. */
export interface Following {
  /** Absolute, with the trailing dot. */
  readonly apex: string
  readonly primaries: readonly Endpoint[]
  readonly key?: TransferKey
  /** Whether to ask for differences; on by default. */
  readonly ixfr?: boolean
  /** What replaces the zone's own REFRESH; a day by default, 0 leaves the timers to the zone. */
  readonly refreshSeconds?: number
}

/** One transfer, as the log of transfers tells it. */
export interface TransferEntry {
  readonly id: number
  readonly asked: string
  /** What came: `AXFR` or `IXFR`; absent if nothing did. */
  readonly form?: string | null
  readonly outcome: string
  readonly direction?: string
  /** A code of the closed list. */
  readonly reason?: string | null
  /** The reason as a sentence. */
  readonly detail?: string | null
  readonly to_serial?: number | null
}

/** What to look for in the log of transfers. */
export type TransferLike = { readonly [Key in keyof TransferEntry]?: TransferEntry[Key] | RegExp }

/** A refusal of the API. */
class ApiRefusal extends Error {
  readonly status: number
  readonly body: unknown

  constructor(call: string, status: number, body: unknown) {
    super(`${call}: ${status} ${JSON.stringify(body)}`)
    this.status = status
    this.body = body
  }
}

/** One running server. */
export class Twinzone {
  readonly endpoint: Endpoint
  readonly #http: Endpoint
  readonly #folder: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #configFile: string | undefined
  readonly #under: readonly string[]
  #daemon: Daemon | undefined
  #account = ''

  private constructor(endpoint: Endpoint, http: Endpoint, options: TwinzoneOptions) {
    this.endpoint = endpoint
    this.#http = http
    this.#under = options.under ?? []
    this.#folder = temporaryFolder()
    if (options.config !== undefined) {
      this.#configFile = join(this.#folder, 'twinzone.yaml')
      writeFileSync(this.#configFile, stringify(options.config))
    }
    this.#environment = {
      TWINZONE_DATA: mkdtempSync(join(this.#folder, 'data-')),
      TWINZONE_DNS: printEndpoint(endpoint),
      TWINZONE_HTTP: printEndpoint(http),
      TWINZONE_ADMIN_TOKEN: ADMIN_TOKEN,
      TWINZONE_LOG: 'json',
      TWINZONE_XFR_ALLOW: '127.0.0.0/8',
      TWINZONE_NODE: process.execPath,
      // A test starts the server many times; its modules need to be compiled once.
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...skewed(options.clockAheadSeconds),
      ...options.environment,
    }
  }

  /** Starts a server and waits for the line that says it is ready. */
  static async start(options: TwinzoneOptions = {}): Promise<Twinzone> {
    const server = new Twinzone(options.endpoint ?? (await freeEndpoint()), await freeEndpoint(), options)
    await server.start()
    return server
  }

  /** Starts it again on the data it has. */
  async start(deadlineMs = 60_000): Promise<void> {
    const { promise: ready, resolve } = Promise.withResolvers<'ready'>()
    const address = printEndpoint(this.endpoint)
    const daemon = new Daemon({
      command: this.#command(),
      logFile: this.#logFile,
      environment: this.#environment,
      // The line for people names the addresses; lines of the log are JSON.
      onLine: (line) => {
        if (!line.startsWith('{') && line.includes(address)) resolve('ready')
      },
    })
    this.#daemon = daemon
    const late = new Promise<'late'>((give) => setTimeout(give, deadlineMs, 'late').unref())
    const first = await Promise.race([ready, late, daemon.ended])
    if (first !== 'ready') throw new Error(`twinzone did not become ready: ${JSON.stringify(first)}\n${this.log()}`)
  }

  /** Changes what it goes by from its next start on; for one that began with a file. */
  configure(config: Readonly<Record<string, unknown>>): void {
    if (this.#configFile === undefined) throw new Error('expected a server that was started with a configuration')
    writeFileSync(this.#configFile, stringify(config))
  }

  /** Ends it as an operator does (SIGTERM). */
  async stop(): Promise<DaemonEnd | undefined> {
    return this.#daemon?.stop()
  }

  /** Ends it as a power cut does (SIGKILL). */
  async kill(): Promise<void> {
    await this.#daemon?.kill()
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.#daemon?.stop(5000)
    removeFolder(this.#folder)
  }

  get running(): boolean {
    return this.#daemon?.running ?? false
  }

  /** This server as a side of a comparison: TWINZONE_XFR_ALLOW lets us pull without a key. */
  get source(): Source {
    return { endpoint: this.endpoint }
  }

  /** The end of its log. */
  log(): string {
    return `--- twinzone\n${lastLines(this.#logFile, 60)}`
  }

  /** All it has written. */
  fullLog(): string {
    return readFileSync(this.#logFile, 'utf8')
  }

  /** The events it has logged, oldest first. */
  events(): Record<string, unknown>[] {
    return this.fullLog()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  /** Waits for a logged event whose JSON matches. */
  waitForEvent(pattern: RegExp, deadlineMs = 20_000): Promise<Record<string, unknown>> {
    const probe = (): Record<string, unknown> | undefined =>
      this.events().find((event) => pattern.test(JSON.stringify(event)))
    return waitFor(`a logged event like ${String(pattern)}`, probe, { deadlineMs, everyMs: 50 })
  }

  /** The server, which the command became. */
  processIds(): number[] {
    return this.#daemon?.processIds() ?? []
  }

  /** Memory of the server, shared pages counted in part (PSS). */
  memoryOctets(): number {
    return memoryOf(this.processIds())
  }

  /** Where the API is. */
  get url(): string {
    return `http://${printEndpoint(this.#http)}`
  }

  /** One call of the API; gives its `result`, throws ApiRefusal. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.fetch(method, path, body)
    const answer: unknown = await response.json().catch(() => undefined)
    if (!response.ok) throw new ApiRefusal(`${method} ${path}`, response.status, answer)
    return (answer as { result: T }).result
  }

  /** One HTTP request with the admin token. */
  fetch(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`http://${printEndpoint(this.#http)}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** The account everything is made in. */
  async account(): Promise<string> {
    if (this.#account === '') {
      const [account] = await this.api<{ id: string }[]>('GET', '/client/v4/accounts')
      if (account === undefined) throw new Error('no account')
      this.#account = account.id
    }
    return this.#account
  }

  /** Registers a TSIG key. */
  async addKey({ name, algorithm, secret }: TransferKey): Promise<string> {
    const path = `/client/v4/accounts/${await this.account()}/secondary_dns/tsigs`
    return (await this.api<{ id: string }>('POST', path, { name: `${name}.`, secret, algo: `${algorithm}.` })).id
  }

  /** Registers a primary. */
  async addPeer({
    endpoint,
    keyId,
    ixfr = true,
  }: {
    endpoint: Endpoint
    keyId?: string
    ixfr?: boolean
  }): Promise<string> {
    const path = `/client/v4/accounts/${await this.account()}/secondary_dns/peers`
    const key = keyId === undefined ? {} : { tsig_id: keyId }
    const body = { name: printEndpoint(endpoint), ip: endpoint.address, port: endpoint.port, ixfr_enable: ixfr, ...key }
    return (await this.api<{ id: string }>('POST', path, body)).id
  }

  /** Makes a secondary zone of existing primaries; gives the id of the zone. */
  async addZone(zone: { apex: string; peerIds: readonly string[]; refreshSeconds?: number }): Promise<string> {
    const body = { account: { id: await this.account() }, name: zone.apex.replace(/\.$/, ''), type: 'secondary' }
    const { id } = await this.api<{ id: string }>('POST', '/client/v4/zones', body)
    await this.setIncoming(id, zone, 'POST')
    return id
  }

  /** Sets which primaries a zone has. */
  async setIncoming(
    zoneId: string,
    { apex, peerIds, refreshSeconds = 86_400 }: { apex: string; peerIds: readonly string[]; refreshSeconds?: number },
    method: 'POST' | 'PUT' = 'PUT',
  ): Promise<void> {
    const body = { name: apex, peers: peerIds, auto_refresh_seconds: refreshSeconds }
    await this.api(method, `/client/v4/zones/${zoneId}/secondary_dns/incoming`, body)
  }

  /** The four calls that make a zone follow its primaries; gives the id of the zone. */
  async follow({ apex, primaries, key, ixfr = true, ...more }: Following): Promise<string> {
    const signed = key === undefined ? {} : { keyId: await this.addKey(key) }
    const peerIds: string[] = []
    for (const endpoint of primaries) peerIds.push(await this.addPeer({ endpoint, ixfr, ...signed }))
    return this.addZone({ apex, peerIds, ...more })
  }

  /** Orders a full transfer. */
  async forceTransfer(zoneId: string): Promise<void> {
    await this.api('POST', `/client/v4/zones/${zoneId}/secondary_dns/force_axfr`)
  }

  /** The newest transfers of a zone, oldest first. */
  async transfers(zoneId: string, limit = 500): Promise<TransferEntry[]> {
    return (
      await this.api<TransferEntry[]>('GET', `/api/v1/zones/${zoneId}/transfers?direction=in&limit=${limit}`)
    ).toReversed()
  }

  /** Waits for a check or transfer that is over and looks like this. */
  waitForTransfer(zoneId: string, like: TransferLike, deadlineMs = 15_000): Promise<TransferEntry> {
    let seen: TransferEntry[] = []
    const probe = async (): Promise<TransferEntry | undefined> => {
      seen = await this.transfers(zoneId)
      return seen.find((entry) => agrees(entry, like))
    }
    return waitFor('a transfer', probe, { deadlineMs, everyMs: 50 }).catch((error: unknown) => {
      const wanted = Object.entries(like).map(([key, value]) => `${key} ${String(value)}`)
      const found = seen.map(
        ({ asked, form, outcome, reason, detail }) => `${asked} ${form} ${outcome} ${reason} ${detail}`,
      )
      throw new Error([(error as Error).message, `wanted: ${wanted.join(', ')}`, ...found].join('\n'))
    })
  }

  /** Waits until it answers a serial for a zone, or this one. */
  waitForSerial(apex: string, options: { serial?: number; deadlineMs?: number } = {}): Promise<number> {
    return waitForSerial(this.endpoint, { apex, running: () => this.running, ...options }).catch((error: unknown) => {
      throw new Error(`twinzone: ${(error as Error).message}`)
    })
  }

  get #logFile(): string {
    return join(this.#folder, 'twinzone.log')
  }

  #command(): [string, ...string[]] {
    const config = this.#configFile === undefined ? [] : ['--config', this.#configFile]
    const [first, ...rest] = [...this.#under, COMMAND, 'serve', ...config]
    return [first ?? COMMAND, ...rest]
  }
}

/** Memory of processes, pages they share counted in part (PSS). */
export function memoryOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + proportionalOctets(pid), 0)
}

function proportionalOctets(pid: number): number {
  try {
    return 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0)
  } catch {
    // It has ended meanwhile.
    return 0
  }
}

function agrees(entry: TransferEntry, like: TransferLike): boolean {
  return Object.entries(like).every(([key, wanted]) => {
    const value = entry[key as keyof TransferEntry]
    return wanted instanceof RegExp ? wanted.test(String(value)) : value === wanted
  })
}

function skewed(aheadSeconds: number | undefined): Record<string, string> {
  if (aheadSeconds === undefined) return {}
  return { NODE_OPTIONS: `--import=${CLOCK_SKEW}`, TWINZONE_TEST_CLOCK_MS: String(aheadSeconds * 1000) }
}
