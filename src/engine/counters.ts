/**
 * What the threads count, in memory that the main thread reads when somebody asks for metrics.
 *
 * Each thread writes to an area of its own, so counting is one plain addition: no lock, no message, no allocation.
 */

/** Everything that is counted in a thread, with the help text of its metric. */
export const COUNTED = {
  udpQueries: 'queries by UDP',
  tcpQueries: 'queries by TCP',
  udpNotSent: 'answers by UDP that could not be sent',
  answersNoError: 'answers with NOERROR',
  answersNxDomain: 'answers with NXDOMAIN',
  answersServFail: 'answers with SERVFAIL',
  answersRefused: 'answers with REFUSED',
  answersFormErr: 'answers with FORMERR',
  answersOther: 'answers with another RCODE',
  answersTruncated: 'answers with TC',
  silent: 'messages that got no answer',
  notifications: 'NOTIFY messages handed on to be judged',
  notificationsDropped: 'NOTIFY messages dropped because too many were waiting',
  tcpConnections: 'TCP connections accepted',
  tcpRefused: 'TCP connections refused for a limit',
  tcpDropped: 'TCP connections dropped because the client did not read or was idle',
  transfersOut: 'transfers out that ended well',
  transfersOutIncremental: 'transfers out that were differences',
  transfersOutRefused: 'transfers out that were refused',
  transfersOutFailed: 'transfers out that broke off',
  transferOutOctets: 'octets sent in transfers out',
} as const

export type Counted = keyof typeof COUNTED

const NAMES = Object.keys(COUNTED) as Counted[]

/** Memory for the counters of `threads` threads. */
export function countersMemory(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * NAMES.length * Float64Array.BYTES_PER_ELEMENT)
}

/** The counters of one thread; only that thread may write. */
export class Counters {
  readonly #values: Float64Array

  constructor(memory: SharedArrayBuffer, thread: number) {
    this.#values = new Float64Array(memory, thread * NAMES.length * Float64Array.BYTES_PER_ELEMENT, NAMES.length)
  }

  add(name: Counted, amount = 1): void {
    this.addAt(NAMES.indexOf(name), amount)
  }

  /** The same by index (see `counterIndex`), for hot paths. */
  addAt(index: number, amount = 1): void {
    this.#values[index] = (this.#values[index] ?? 0) + amount
  }
}

export const counterIndex = (name: Counted): number => NAMES.indexOf(name)

/** The sum over all threads. */
export function readCounters(memory: SharedArrayBuffer): Record<Counted, number> {
  const values = new Float64Array(memory)
  const sums = Object.fromEntries(NAMES.map((name) => [name, 0])) as Record<Counted, number>
  values.forEach((value, at) => {
    sums[NAMES[at % NAMES.length] as Counted] += value
  })
  return sums
}

/** Counts an answer by its header. */
export function countAnswer(counters: Counters, octets: Uint8Array): void {
  counters.addAt(RCODE_COUNTERS[(octets[3] as number) & 15] ?? OTHER)
  if (((octets[2] as number) & 2) !== 0) counters.addAt(TRUNCATED)
}

const OTHER = counterIndex('answersOther')
const TRUNCATED = counterIndex('answersTruncated')
const RCODE_COUNTERS: readonly (number | undefined)[] = [
  counterIndex('answersNoError'),
  counterIndex('answersFormErr'),
  counterIndex('answersServFail'),
  counterIndex('answersNxDomain'),
  undefined,
  counterIndex('answersRefused'),
]
