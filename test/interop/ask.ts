/**
 * A stub resolver for tests: one question by UDP, and as much of the answer as a test wants to know.
 *
 * It shares no code with the server on purpose: what checks must not make the same mistake twice.
 */

import { createSocket } from 'node:dgram'
import type { Endpoint } from './endpoint.ts'
import { waitFor } from './wait.ts'

/** What a server said. */
export interface Answer {
  readonly rcode: number
  readonly aa: boolean
  readonly tc: boolean
  readonly answerCount: number
  readonly authorityCount: number
  /** The serial of the first SOA record, in whichever section it stands. */
  readonly serial: number | undefined
  readonly octets: Buffer
}

const SOA = 6

/** Octets of a name in presentation format, `\DDD` and `\X` included. */
export function nameOctets(text: string): Buffer {
  const labels: number[][] = [[]]
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (character === '.') labels.push([])
    else if (character !== '\\') labels.at(-1)?.push(character.charCodeAt(0))
    else if (/^\d{3}/.test(text.slice(at + 1))) {
      labels.at(-1)?.push(Number(text.slice(at + 1, at + 4)))
      at += 3
    } else labels.at(-1)?.push(text.charCodeAt(++at))
  }
  return Buffer.from([...labels.filter((label) => label.length > 0).flatMap((label) => [label.length, ...label]), 0])
}

/** A query message with one question and nothing else. */
export function questionMessage({ id = 1, name, type }: { id?: number; name: string; type: number }): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt16BE(id, 0)
  header.writeUInt16BE(1, 4)
  const end = Buffer.alloc(4)
  end.writeUInt16BE(type, 0)
  end.writeUInt16BE(1, 2)
  return Buffer.concat([header, nameOctets(name), end])
}

/** Sends octets by UDP, from any address or this one, and waits for one datagram; undefined when none comes in time. */
export function exchange(
  to: Endpoint,
  octets: Uint8Array,
  { timeoutMs = 500, from }: { timeoutMs?: number; from?: string } = {},
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4')
    const finish = (answer: Buffer | undefined): void => {
      clearTimeout(patience)
      socket.close()
      resolve(answer)
    }
    const patience = setTimeout(() => finish(undefined), timeoutMs)
    socket.once('message', finish)
    socket.once('error', () => finish(undefined))
    // Connected, so that a closed port is an error at once instead of silence.
    const connect = (): void => socket.connect(to.port, to.address, () => socket.send(octets))
    if (from === undefined) connect()
    else socket.bind({ address: from }, connect)
  })
}

/** Asks one question by UDP; undefined when the server stays silent. */
export async function ask(
  to: Endpoint,
  { name, type = SOA, timeoutMs = 500 }: { name: string; type?: number; timeoutMs?: number },
): Promise<Answer | undefined> {
  const id = 1 + Math.floor(Math.random() * 0xffff)
  const octets = await exchange(to, questionMessage({ id, name, type }), { timeoutMs })
  return octets === undefined || octets.length < 12 || octets.readUInt16BE(0) !== id ? undefined : readAnswer(octets)
}

/** The serial a server answers with authority; undefined when it answers anything else. */
export async function askSerial(to: Endpoint, apex: string): Promise<number | undefined> {
  const answer = await ask(to, { name: apex })
  return answer?.rcode === 0 && answer.aa && answer.answerCount > 0 ? answer.serial : undefined
}

/** Waits until a server answers this serial for the zone, or any serial when none is given. */
export async function waitForSerial(
  to: Endpoint,
  {
    apex,
    serial,
    deadlineMs,
    running,
  }: { apex: string; serial?: number; deadlineMs?: number; running?: () => boolean },
): Promise<number> {
  const options = deadlineMs === undefined ? {} : { deadlineMs }
  let last: number | undefined
  const probe = async (): Promise<number | undefined> => {
    if (running?.() === false) throw new Error('the server is not running')
    last = await askSerial(to, apex)
    return serial === undefined || last === serial ? last : undefined
  }
  return waitFor(`serial ${serial ?? 'of any value'} of ${apex}`, probe, options).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}; ${to.address}:${to.port} last answered ${last ?? 'nothing'}`)
  })
}

/** Reads a message as far as tests need it. */
export function readAnswer(octets: Buffer): Answer {
  const [flags, questions, answerCount, authorityCount] = [2, 4, 6, 8].map((at) => octets.readUInt16BE(at)) as [
    number,
    number,
    number,
    number,
  ]
  let at = 12
  for (let left = questions; left > 0; left--) at = afterName(octets, at) + 4
  let serial: number | undefined
  for (let left = answerCount + authorityCount; left > 0 && at + 10 < octets.length && serial === undefined; left--) {
    at = afterName(octets, at)
    const end = at + 10 + octets.readUInt16BE(at + 8)
    if (octets.readUInt16BE(at) === SOA) serial = octets.readUInt32BE(afterName(octets, afterName(octets, at + 10)))
    at = end
  }
  const rcode = flags & 15
  return { rcode, aa: (flags & 0x400) !== 0, tc: (flags & 0x200) !== 0, answerCount, authorityCount, serial, octets }
}

/** Where the octets behind a name begin. */
export function afterName(octets: Buffer, start: number): number {
  let at = start
  for (;;) {
    const length = octets[at] ?? 0
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    at += length + 1
  }
}
