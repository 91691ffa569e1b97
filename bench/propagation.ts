/**
 * How long an edit takes: until it is acknowledged, until NOTIFY leaves, and until a secondary answers it.
 *
 * Ours is edited by its HTTP API and followed by another twinzone. BIND and Knot are edited by UPDATE (RFC 2136), which
 * spares them the start of a tool per edit, and are followed by a server of their own make.
 */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CLASS, OPCODE } from '../src/dns/code.ts'
import { newMessage } from '../src/dns/message.ts'
import { writeMessage } from '../src/dns/message-write.ts'
import { parseName } from '../src/dns/name.ts'
import { TYPE } from '../src/zone/stored-record.ts'
import { removeFolder, temporaryFolder } from '../test/interop/daemon.ts'
import { freeEndpoint, type Endpoint } from '../test/interop/endpoint.ts'
import { Peer, peerMissing, peerVersion, type PeerName } from '../test/interop/peers/peer.ts'
import { Twinzone } from '../test/interop/twinzone.ts'
import { percentile } from './percentile.ts'
import { writeReport, type Subject } from './report.ts'

const NAME = 'bench.test'
const APEX = `${NAME}.`
const ANSWER_MS = 30_000
/** So long is it quiet before each edit: longer than anybody gathers changes for. */
const QUIET_MS = 150
const LENGTH_OCTETS = 2
/** A secondary that is asked without a pause has no processor left to become newer. */
const ASK_EVERY_MS = 1

/** How to measure: a run ends after so many edits or so many seconds, whichever comes first. */
export interface PropagationOptions {
  readonly edits: number
  readonly seconds: number
  readonly runs: number
  readonly primaries: readonly string[]
}

/** A primary that can be edited, and its secondary. */
interface Pair {
  readonly secondary: Endpoint
  /** Adds one A record; resolves when the edit is acknowledged. */
  edit(number: number): Promise<void>
  remove(): Promise<void>
}

/** Hears NOTIFY as a second secondary would, by UDP and by TCP, which Knot uses, and acknowledges it. */
class Listener {
  readonly endpoint: Endpoint
  readonly #socket: Socket
  readonly #server: Server
  #heard: ((at: number) => void) | undefined

  private constructor(socket: Socket, server: Server) {
    this.#socket = socket
    this.#server = server
    const { address, port } = socket.address()
    this.endpoint = { address, port }
    socket.on('message', (octets, from) => {
      socket.send(this.#acknowledge(octets, 0), from.port, from.address)
    })
    server.on('connection', (connection) => {
      connection.on('error', () => {}) // it has been told
      connection.on('data', (octets: Buffer) => connection.write(this.#acknowledge(octets, LENGTH_OCTETS)))
    })
  }

  static async open(): Promise<Listener> {
    const { address, port } = await freeEndpoint()
    const socket = createSocket('udp4').bind(port, address)
    const server = createServer().listen(port, address)
    await Promise.all([once(socket, 'listening'), once(server, 'listening')])
    return new Listener(socket, server)
  }

  /** When the next NOTIFY comes. */
  next(): Promise<number> {
    return new Promise((resolve) => (this.#heard = resolve))
  }

  close(): void {
    this.#socket.close()
    this.#server.close()
  }

  #acknowledge(octets: Buffer, at: number): Buffer {
    this.#heard?.(performance.now())
    octets[at + 2] = (octets[at + 2] as number) | 0x80
    return octets
  }
}

/** Measures, and writes the report. */
export async function benchPropagation({ edits, seconds, runs, primaries }: PropagationOptions): Promise<string> {
  const subjects: Subject[] = []
  for (const name of primaries) {
    const make = (listener: Endpoint) =>
      name === 'twinzone' ? ourPair(listener) : updatedPair(name as PeerName, listener)
    const measured: Record<string, number>[] = []
    for (let run = 0; run < runs; run++) measured.push(await measure(make, { edits, seconds }))
    const version = name === 'twinzone' ? '' : await peerVersion(name as PeerName)
    subjects.push({ name, version, runs: measured })
    process.stderr.write(`${name} ${JSON.stringify(measured)}\n`)
  }
  return writeReport({
    name: 'propagation',
    title: 'An edit on its way',
    method: [
      `One edit after the other: each adds a record, and the next is made ${QUIET_MS} ms after the secondary answers it.`,
      'Acknowledged: from the request to its answer; ours is on the disk by then. NOTIFY: until it arrives at a second secondary.',
      'Served: until the secondary answers the new record; it is asked every millisecond.',
      'A run ends when its time is over: whoever is slow has made fewer edits by then.',
      'BIND and Knot are edited by UPDATE, and tell their secondaries without any delay of their own.',
    ],
    settings: { edits, seconds, runs },
    figures: [
      { key: 'edits', title: 'edits', digits: 0 },
      ...['acknowledged', 'notified', 'served'].flatMap((what) =>
        [50, 99].map((percent) => ({ key: `${what}${percent}`, title: `${what} p${percent} (ms)`, digits: 1 })),
      ),
    ],
    subjects,
  })
}

/** The primaries that are installed here, ours first. */
export function editablePrimaries(): string[] {
  return ['twinzone', ...(['bind', 'knot'] as const).filter((name) => peerMissing(name) === undefined)]
}

async function measure(
  make: (listener: Endpoint) => Promise<Pair>,
  { edits, seconds }: Pick<PropagationOptions, 'edits' | 'seconds'>,
): Promise<Record<string, number>> {
  const listener = await Listener.open()
  const pair = await make(listener.endpoint)
  const times: Record<'acknowledged' | 'notified' | 'served', number[]> = { acknowledged: [], notified: [], served: [] }
  try {
    await pair.edit(0)
    await answered(pair.secondary, 0)
    const until = performance.now() + seconds * 1000
    for (let number = 1; number <= edits && performance.now() < until; number++) {
      await pause(QUIET_MS)
      const heard = listener.next()
      const start = performance.now()
      const served = answered(pair.secondary, number)
      await pair.edit(number)
      times.acknowledged.push(performance.now() - start)
      times.notified.push((await within(heard, `NOTIFY of edit ${number}`)) - start)
      times.served.push((await served) - start)
    }
  } finally {
    await pair.remove()
    listener.close()
  }
  const figures: Record<string, number> = { edits: times.served.length }
  for (const [what, all] of Object.entries(times))
    for (const percent of [50, 99]) figures[`${what}${percent}`] = percentile(all, percent)
  return figures
}

/** What never comes must not hold up the rest. */
function within(coming: Promise<number>, what: string): Promise<number> {
  const { promise, reject } = Promise.withResolvers<never>()
  const alarm = setTimeout(() => reject(new Error(`${what} did not come in ${ANSWER_MS} ms`)), ANSWER_MS)
  return Promise.race([coming, promise]).finally(() => clearTimeout(alarm))
}

const owner = (number: number): string => `host${number}.${NAME}`

/** When a server first answers a record. */
async function answered(server: Endpoint, number: number): Promise<number> {
  const socket = createSocket('udp4')
  socket.connect(server.port, server.address)
  await once(socket, 'connect')
  const question = { name: parseName(`${owner(number)}.`), type: 1, class: CLASS.IN }
  const query = writeMessage(newMessage({ id: 1, questions: [question] }))
  const until = performance.now() + ANSWER_MS
  try {
    while (performance.now() < until) {
      socket.send(query)
      const [answer] = (await once(socket, 'message')) as [Buffer]
      if (answer.readUInt16BE(6) > 0) return performance.now()
      await pause(ASK_EVERY_MS)
    }
  } finally {
    socket.close()
  }
  throw new Error(`${owner(number)} was not answered in ${ANSWER_MS} ms`)
}

async function ourPair(listener: Endpoint): Promise<Pair> {
  const [primary, secondary] = await Promise.all([Twinzone.start(), Twinzone.start()])
  const account = await primary.account()
  const body = { account: { id: account }, name: NAME, type: 'full' }
  const { id } = await primary.api<{ id: string }>('POST', '/client/v4/zones', body)
  const peers = [await primary.addPeer({ endpoint: secondary.endpoint }), await primary.addPeer({ endpoint: listener })]
  await primary.api('POST', `/client/v4/zones/${id}/secondary_dns/outgoing`, { name: APEX, peers })
  await primary.api('POST', `/client/v4/zones/${id}/secondary_dns/outgoing/enable`)
  await secondary.follow({ apex: APEX, primaries: [primary.endpoint] })
  await secondary.waitForSerial(APEX)
  return {
    secondary: secondary.endpoint,
    async edit(number) {
      const record = { type: 'A', name: owner(number), content: '192.0.2.1', ttl: 60 }
      await primary.api('POST', `/client/v4/zones/${id}/dns_records`, record)
    },
    remove: async () => void (await Promise.all([primary.remove(), secondary.remove()])),
  }
}

async function updatedPair(name: PeerName, listener: Endpoint): Promise<Pair> {
  const folder = temporaryFolder()
  const file = join(folder, 'zone')
  await writeFile(
    file,
    `${APEX} 3600 IN SOA ns1.${APEX} host.${APEX} 1 86400 3600 1209600 300\n${APEX} 3600 IN NS ns1.example.\n`,
  )
  const endpoint = await freeEndpoint()
  const primary = await Peer.start(name, { zones: [{ apex: APEX, file }], notify: [endpoint, listener], updates: true })
  const secondary = await Peer.start(name, { zones: [{ apex: APEX }], primaries: [primary.endpoint], endpoint })
  await secondary.waitForSerial(APEX)
  const socket = createSocket('udp4')
  socket.connect(primary.endpoint.port, primary.endpoint.address)
  await once(socket, 'connect')
  return {
    secondary: secondary.endpoint,
    async edit(number) {
      const record = {
        owner: parseName(`${owner(number)}.`),
        type: 1,
        class: CLASS.IN,
        ttl: 60,
        rdata: Uint8Array.of(192, 0, 2, 1),
      }
      const zone = { name: parseName(APEX), type: TYPE.SOA, class: CLASS.IN }
      socket.send(writeMessage(newMessage({ id: 7, opcode: OPCODE.UPDATE, questions: [zone], authority: [record] })))
      const [answer] = (await once(socket, 'message')) as [Buffer]
      if (((answer[3] as number) & 15) !== 0)
        throw new Error(`${name} refused an UPDATE: ${(answer[3] as number) & 15}`)
    },
    async remove() {
      socket.close()
      await Promise.all([primary.remove(), secondary.remove()])
      removeFolder(folder)
    },
  }
}
