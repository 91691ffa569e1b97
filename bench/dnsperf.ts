/** Runs dnsperf, which sends questions by UDP and takes the times of the answers. */

import { spawn, spawnSync } from 'node:child_process'
import type { Endpoint } from '../test/interop/endpoint.ts'
import { percentile } from './percentile.ts'

/** Octets of sockets, so that bursts are not lost there. */
const SOCKET_KIB = 2048
const OUTSTANDING = 200
const WARM_UP_SECONDS = 2
const CLIENTS = 8
/** An answer that did not come counts as one that took so long. */
const TIMEOUT_SECONDS = 1
/** Chunks of answers that dnsperf has told of when the first questions, which are slow, are long over. */
const CHUNKS_TO_SETTLE = 20

/** Whom to ask what, and for how long. */
export interface Asking {
  readonly server: Endpoint
  /** Lines of `name type`. */
  readonly file: string
  readonly seconds: number
  /** Questions per second; as many as are answered when absent. */
  readonly rate?: number
}

type RatedAsking = Asking & { readonly rate: number }

/** What a run at full speed came to. */
export interface Rate {
  readonly perSecond: number
  readonly lost: number
}

/** One chunk of answers: when it was told of, on the clock of `performance.now()`, and how long each took, in µs. */
interface Told {
  readonly at: number
  readonly micros: readonly number[]
}

/** How long answers took at a fixed rate. */
export class Latencies {
  readonly #told: readonly Told[]

  constructor(told: readonly Told[]) {
    this.#told = told
  }

  /** Microseconds that so many of a hundred answers did not exceed. */
  percentile(percent: number): number {
    return percentile(
      this.#told.flatMap(({ micros }) => micros),
      percent,
    )
  }

  /** Those told of between two moments. */
  between(from: number, until: number): Latencies {
    return new Latencies(this.#told.filter(({ at }) => at >= from && at <= until))
  }
}

/** Why there can be no figures of dnsperf here; undefined when there can. */
export function dnsperfMissing(): string | undefined {
  return spawnSync('dnsperf', ['-h']).error === undefined ? undefined : 'dnsperf is not installed'
}

/** Asks for a while, so that caches are full and code is compiled when it counts. */
export async function warmUp(asking: Omit<Asking, 'seconds'>): Promise<void> {
  await measureRate({ server: asking.server, file: asking.file, seconds: WARM_UP_SECONDS })
}

/** Asks as fast as answers come. */
export async function measureRate(asking: Asking): Promise<Rate> {
  let text = ''
  await run(asking, [], (chunk) => (text += chunk))
  return readRate(text)
}

/** Asks at a fixed rate; gives how long each answer took. */
export async function measureLatency(asking: RatedAsking): Promise<Latencies> {
  return new Steady(asking).ended
}

/** Asks at a fixed rate while `act` goes on; gives how long answers took meanwhile, and what `act` gave. */
export async function measureLatencyDuring<T>(
  asking: RatedAsking,
  act: () => Promise<T>,
): Promise<{ readonly latencies: Latencies; readonly value: T }> {
  const steady = new Steady(asking)
  try {
    await Promise.race([steady.begun, steady.ended])
    const from = performance.now()
    const value = await act()
    const until = performance.now()
    steady.stop()
    return { latencies: (await steady.ended).between(from, until), value }
  } finally {
    steady.stop()
  }
}

/** Questions that go on at a fixed rate until their time is over or they are stopped. */
class Steady {
  /** Resolves when answers have come for a while. */
  readonly begun: Promise<void>
  readonly ended: Promise<Latencies>
  readonly #stop = new AbortController()

  constructor(asking: RatedAsking) {
    const told: Told[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    this.begun = promise
    let rest = ''
    const options = ['-v', '-Q', String(asking.rate)]
    const onText = (chunk: string): void => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      told.push({ at: performance.now(), micros: readLatencies(lines) })
      if (told.length === CHUNKS_TO_SETTLE) resolve()
    }
    this.ended = run(asking, options, onText, this.#stop.signal).then(() => new Latencies(told))
    this.ended.catch(() => {}) // whoever waits for it hears of it
  }

  stop(): void {
    this.#stop.abort()
  }
}

/** Reads the statistics dnsperf ends with. Throws if the server answered what no zone of ours gives reason for. */
export function readRate(text: string): Rate {
  const [, perSecond] = /Queries per second:\s+([\d.]+)/.exec(text) ?? []
  const [, lost] = /Queries lost:\s+(\d+)/.exec(text) ?? []
  if (perSecond === undefined || lost === undefined) throw new Error(`dnsperf told no rate:\n${text.slice(-1000)}`)
  const codes = /Response codes:\s+(.*)/.exec(text)?.[1] ?? ''
  if (/SERVFAIL|REFUSED|NOTIMP|FORMERR/.test(codes)) throw new Error(`not an honest rate: ${codes}`)
  return { perSecond: Number(perSecond), lost: Number(lost) }
}

/** Microseconds of the answers that lines of `dnsperf -v` tell of; other lines are skipped. */
export function readLatencies(lines: readonly string[]): number[] {
  const micros: number[] = []
  for (const line of lines) {
    if (!line.startsWith('> ')) continue
    if (line.startsWith('> T')) micros.push(TIMEOUT_SECONDS * 1e6)
    else micros.push(Number(line.slice(line.lastIndexOf(' ') + 1)) * 1e6)
  }
  return micros
}

/** Runs dnsperf to its end, or until the signal comes. It goes before whatever else shares its core. */
function run(
  { server, file, seconds }: Asking,
  more: readonly string[],
  onText: (chunk: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const load = [
    '-c',
    CLIENTS,
    '-T',
    1,
    '-q',
    OUTSTANDING,
    '-b',
    SOCKET_KIB,
    '-t',
    TIMEOUT_SECONDS,
    '-e',
    '-l',
    seconds,
  ].map(String)
  const args = ['-s', server.address, '-p', String(server.port), '-d', file, ...load, ...more]
  const child = spawn('nice', ['-n', '-10', 'dnsperf', ...args])
  child.stdout.setEncoding('utf8').on('data', onText)
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints = (complaints + chunk).slice(-2000)))
  signal?.addEventListener('abort', () => child.kill('SIGINT'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0 || signal?.aborted === true) resolve()
      else reject(new Error(`dnsperf ended with ${code}: ${complaints}`))
    })
  })
}
