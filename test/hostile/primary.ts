/** A primary that says what a script tells it to: a small nameserver on UDP and TCP, honest unless told otherwise. */

import { createSocket } from 'node:dgram'
import type { Socket as UdpSocket } from 'node:dgram'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { freeEndpoint } from '../interop/endpoint.ts'
import type { Endpoint } from '../interop/endpoint.ts'
import { afterName, exchange } from '../interop/ask.ts'
import type { TransferKey } from '../interop/peers/kind.ts'
import { waitFor } from '../interop/wait.ts'
import { aRecord, batches, message, nameRecord, question, soaRecord, txtRecord, TYPE } from './message.ts'
import type { MessageParts } from './message.ts'
import { Signature } from './signature.ts'
import type { Flaws } from './signature.ts'

/** A question that came from the server under test. */
export interface Query {
  readonly id: number
  readonly opcode: number
  readonly type: number
  /** In lower case, without escapes: the tests' own names have no odd labels. */
  readonly name: string
  readonly over: 'udp' | 'tcp'
  /** The question section, to be sent back. */
  readonly question: Buffer
  /** The serial an IXFR starts at. */
  readonly since: number | undefined
  /** The MAC of a signed query. */
  readonly mac: Buffer | undefined
  readonly at: number
}

/** The way back to the asker. */
export class Line {
  readonly query: Query
  readonly signature: Signature | undefined
  readonly #write: (octets: Buffer) => void
  readonly #socket: Socket | undefined

  constructor(
    query: Query,
    { write, socket, key }: { write: (octets: Buffer) => void; socket?: Socket; key?: TransferKey },
  ) {
    this.query = query
    this.#write = write
    this.#socket = socket
    this.signature = key === undefined || query.mac === undefined ? undefined : new Signature(key, query.mac)
  }

  /** An answer to the query, of which anything may be other than right; not yet sent, not yet signed. */
  make(parts: Partial<MessageParts> = {}): Buffer {
    return message({ id: this.query.id, question: this.query.question, ...parts })
  }

  /** Makes an answer, signs it where the query was signed, and sends it. */
  answer(parts: Partial<MessageParts> = {}, flaws: Flaws = {}): void {
    const octets = this.make(parts)
    this.send(this.signature?.sign(octets, flaws) ?? octets)
  }

  /** Sends a message as it is. */
  send(octets: Buffer): void {
    if (this.#socket === undefined) this.#write(octets)
    else this.sendRaw(Buffer.concat([Buffer.from([octets.length >> 8, octets.length & 255]), octets]))
  }

  /** Sends octets without the length in front. */
  sendRaw(octets: Buffer): void {
    if (this.open) this.#write(octets)
  }

  /** Whether the other side still listens. */
  get open(): boolean {
    return this.#socket === undefined || (!this.#socket.destroyed && this.#socket.writable)
  }

  /** Octets that wait in our memory because the other side does not read. */
  get unread(): number {
    return this.#socket?.writableLength ?? 0
  }

  /** Ends the connection after what was sent. */
  end(): void {
    this.#socket?.end()
  }

  /** Breaks the connection off (RST). */
  reset(): void {
    this.#socket?.resetAndDestroy()
  }

  /** When the other side has ended the connection. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket === undefined || this.#socket.destroyed) resolve()
      else this.#socket.once('close', () => resolve())
    })
  }
}

type Behaviour = (line: Line) => void | Promise<void>

/** What a primary does when asked. Each can be replaced while it runs. */
export interface Script {
  soa: Behaviour
  axfr: Behaviour
  ixfr: Behaviour
}

/** A nameserver that plays a script. */
export class ScriptedPrimary {
  readonly endpoint: Endpoint
  readonly queries: Query[] = []
  script: Script
  readonly #udp: UdpSocket
  readonly #tcp: Server
  readonly #connections = new Set<Socket>()
  #key: TransferKey | undefined

  private constructor(endpoint: Endpoint, script: Script, key: TransferKey | undefined) {
    this.endpoint = endpoint
    this.script = script
    this.#key = key
    this.#udp = createSocket('udp4')
    this.#udp.on('message', (octets, from) => {
      const write = (answer: Buffer): void => this.#udp.send(answer, from.port, from.address)
      this.#hear(octets, { over: 'udp', write })
    })
    this.#udp.on('error', () => {})
    this.#tcp = createServer((socket) => this.#serve(socket))
  }

  /** Starts one on a free port. */
  static async start(
    script: Script,
    { key, address }: { key?: TransferKey; address?: string } = {},
  ): Promise<ScriptedPrimary> {
    const endpoint = await freeEndpoint(address)
    const primary = new ScriptedPrimary(endpoint, script, key)
    await new Promise<void>((resolve) => primary.#udp.bind(endpoint.port, endpoint.address, resolve))
    await new Promise<void>((resolve) => primary.#tcp.listen(endpoint.port, endpoint.address, 4096, resolve))
    return primary
  }

  /** Queries of one type for one zone, oldest first. */
  asked(type: number, name?: string): Query[] {
    return this.queries.filter((query) => query.type === type && (name === undefined || query.name === name))
  }

  /** Waits until it was asked for this type so many times. */
  async waitForQuery(
    type: number,
    { count = 1, deadlineMs = 20_000 }: { count?: number; deadlineMs?: number } = {},
  ): Promise<Query> {
    return waitFor(`${count} queries of type ${type}`, () => this.asked(type)[count - 1], { deadlineMs })
  }

  /** Sends NOTIFY, again if nothing comes back, and gives the response. */
  async notify(
    to: Endpoint,
    apex: string,
    { serial, key, parts = {} }: { serial?: number; key?: TransferKey | undefined; parts?: Partial<MessageParts> } = {},
  ): Promise<Buffer | undefined> {
    const hint = serial === undefined ? [] : [soaRecord(apex, serial)]
    const id = 1 + Math.floor(Math.random() * 0xffff)
    const octets = message({ id, flags: 0x2400, question: question(apex, TYPE.SOA), answer: hint, ...parts })
    const sent = key === undefined ? octets : new Signature(key).sign(octets)
    let answer: Buffer | undefined
    for (let tries = 0; tries < 3 && answer === undefined; tries++)
      answer = await exchange(to, sent, { timeoutMs: 1000 })
    return answer
  }

  /** Signs with this key from now on. */
  useKey(key: TransferKey): void {
    this.#key = key
  }

  log(): string {
    const asked = this.queries.slice(-30).map(({ over, type, name, since }) => `${over} ${type} ${name} ${since ?? ''}`)
    return ['--- scripted primary', ...asked].join('\n')
  }

  async remove(): Promise<void> {
    for (const socket of this.#connections) socket.destroy()
    await new Promise<void>((resolve) => this.#udp.close(resolve))
    await new Promise<void>((resolve) => this.#tcp.close(() => resolve()))
  }

  #serve(socket: Socket): void {
    let rest: Buffer = Buffer.alloc(0)
    this.#connections.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => this.#connections.delete(socket))
    socket.on('data', (piece: Buffer) => {
      rest = Buffer.concat([rest, piece])
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0)
        this.#hear(rest.subarray(2, end), { over: 'tcp', socket, write: (octets) => socket.write(octets) })
        rest = rest.subarray(end)
      }
    })
  }

  #hear(octets: Buffer, way: { over: 'udp' | 'tcp'; write: (octets: Buffer) => void; socket?: Socket }): void {
    const query = readQuery(octets, way.over)
    this.queries.push(query)
    const line = new Line(query, { ...way, ...(this.#key === undefined ? {} : { key: this.#key }) })
    const behaviours: Record<number, Behaviour> = { [TYPE.AXFR]: this.script.axfr, [TYPE.IXFR]: this.script.ixfr }
    const behaviour = behaviours[query.type] ?? this.script.soa
    Promise.resolve(behaviour(line)).catch((error: unknown) => console.error('script failed:', error))
  }
}

/** A small zone for a script to serve; its version stands in the TXT record at the apex. */
export function smallZone(apex: string, serial: number, more: readonly Buffer[] = []): Buffer[] {
  return [
    nameRecord(apex, TYPE.NS, `ns1.${apex}`),
    aRecord(`ns1.${apex}`, '192.0.2.1'),
    txtRecord(apex, `version ${serial}`),
    ...more,
  ]
}

/** What an honest primary does: SOA, and the whole zone for AXFR and IXFR alike. `zone` gives the version of the moment. */
export function honest(
  apex: string,
  zone: () => { serial: number; records?: readonly Buffer[]; soa?: Parameters<typeof soaRecord>[2] },
): Script {
  const whole: Behaviour = (line) => {
    const { serial, records, soa: timers } = zone()
    const soa = soaRecord(apex, serial, timers)
    for (const answer of batches([soa, ...(records ?? smallZone(apex, serial)), soa])) line.answer({ answer })
  }
  const soa: Behaviour = (line) => {
    const { serial, soa: timers } = zone()
    line.answer(line.query.type === TYPE.SOA ? { answer: [soaRecord(apex, serial, timers)] } : { rcode: 4 })
  }
  return { soa, axfr: whole, ixfr: whole }
}

function readQuery(octets: Buffer, over: 'udp' | 'tcp'): Query {
  const questionEnd = afterName(octets, 12) + 4
  const labels: string[] = []
  for (let at = 12; octets[at] !== 0 && at < questionEnd; at += 1 + (octets[at] ?? 0))
    labels.push(octets.toString('latin1', at + 1, at + 1 + (octets[at] ?? 0)))
  let since: number | undefined
  let mac: Buffer | undefined
  let at = questionEnd
  for (let left = octets.readUInt16BE(6) + octets.readUInt16BE(8) + octets.readUInt16BE(10); left > 0; left--) {
    const fixed = afterName(octets, at)
    const end = fixed + 10 + octets.readUInt16BE(fixed + 8)
    const type = octets.readUInt16BE(fixed)
    if (type === TYPE.SOA) since = octets.readUInt32BE(afterName(octets, afterName(octets, fixed + 10)))
    if (type === TYPE.TSIG) mac = macOf(octets, fixed + 10)
    at = end
  }
  return {
    id: octets.readUInt16BE(0),
    opcode: ((octets[2] ?? 0) >> 3) & 15,
    type: octets.readUInt16BE(questionEnd - 4),
    name: `${labels.join('.').toLowerCase()}.`,
    over,
    question: Buffer.from(octets.subarray(12, questionEnd)),
    since,
    mac,
    at: performance.now(),
  }
}

function macOf(octets: Buffer, rdata: number): Buffer {
  const length = afterName(octets, rdata) + 8
  return Buffer.from(octets.subarray(length + 2, length + 2 + octets.readUInt16BE(length)))
}
