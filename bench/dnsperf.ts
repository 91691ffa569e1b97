/** Runs dnsperf, which sends questions by UDP and takes the times of the answers. */

import { spawn, spawnSync } from 'node:child_process'
import type { Endpoint } from '../test/interop/endpoint.ts'
import { percentile } from './percentile.ts'

/** Octets of sockets, so that bursts are not lost there. */
const SOCKET_KIB = 2048
const OUTSTANDING = 200
const CLIENTS = 8

/** Whom to ask what, and for how long. */
export interface Asking {
  readonly server: Endpoint
  /** Lines of `name type`. */
  readonly file: string
  readonly seconds: number
  /** Questions per second; as many as are answered when absent. */
  readonly rate?: number
}

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

  /** Microseconds that so many of a hundred answers did not exceed, of those given between two moments. */
  percentile(percent: number, from = -Infinity, until = Infinity): number {
    return percentile(
      this.#told.filter(({ at }) => at >= from && at <= until).flatMap(({ micros }) => micros),
      percent,
    )
  }
}

/** Why there can be no figures of dnsperf here; undefined when there can. */
export function dnsperfMissing(): string | undefined {
  return spawnSync('dnsperf', ['-h']).error === undefined ? undefined : 'dnsperf is not installed'
}

/** Asks as fast as answers come. */
export async function measureRate(asking: Asking): Promise<Rate> {
  let text = ''
  await run(asking, [], (chunk) => (text += chunk))
  return readRate(text)
}

/** Asks at a fixed rate; gives how long each answer took. */
export async function measureLatency(asking: Asking & { readonly rate: number }): Promise<Latencies> {
  const told: Told[] = []
  let rest = ''
  await run(asking, ['-v', '-Q', String(asking.rate)], (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    told.push({ at: performance.now(), micros: readLatencies(lines) })
  })
  return new Latencies(told)
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
    if (line.startsWith('> T')) micros.push(Infinity) // timed out
    else micros.push(Number(line.slice(line.lastIndexOf(' ') + 1)) * 1e6)
  }
  return micros
}

function run(
  { server, file, seconds }: Asking,
  more: readonly string[],
  onText: (chunk: string) => void,
): Promise<void> {
  const load = ['-c', CLIENTS, '-T', 1, '-q', OUTSTANDING, '-b', SOCKET_KIB, '-t', 1, '-e', '-l', seconds].map(String)
  const child = spawn('dnsperf', ['-s', server.address, '-p', String(server.port), '-d', file, ...load, ...more])
  child.stdout.setEncoding('utf8').on('data', onText)
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints = (complaints + chunk).slice(-2000)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`dnsperf ended with ${code}: ${complaints}`)),
    )
  })
}
