/**
 * A nameserver for tests, by UDP and TCP: it answers from records in presentation format, and counts who asked what.
 *
 * As a resolver it follows aliases as far as it knows them. Names it knows nothing of do not exist.
 */

import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server } from 'node:net'
import { readMessage, responseTo, type DnsRecord, type Message } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { nameFromWire, nameKey, parseName, printName, sameName, type Name } from '../../src/dns/name.ts'
import { typeMnemonic } from '../../src/dns/record-types.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import type { Endpoint } from '../../src/net/address.ts'

const CNAME = 5
const SOA = 6
const NXDOMAIN = 3
const SERVFAIL = 2

export class FakeResolver {
  /** What was asked, as `name type`. */
  readonly asked: string[] = []
  /** What answers are changed to before they are sent; no answer if that is undefined. */
  mangle: (answer: Message, query: Message) => Message | undefined = (answer) => answer
  /** Answers by UDP are cut. */
  cuts = false
  /** Everything is SERVFAIL. */
  fails = false
  readonly #udp: Socket
  readonly #tcp: Server
  #records: DnsRecord[] = []

  private constructor(udp: Socket, tcp: Server) {
    this.#udp = udp
    this.#tcp = tcp
    udp.on('message', (octets, { address, port }) => {
      const answer = this.#answer(octets, { cut: this.cuts })
      if (answer !== undefined) udp.send(answer, port, address)
    })
    tcp.on('connection', (socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        const answer = this.#answer(chunk.subarray(2), { cut: false })
        if (answer === undefined) return
        socket.write(Uint8Array.of(answer.length >> 8, answer.length, ...answer))
      })
    })
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(text = ''): Promise<FakeResolver> {
    for (;;) {
      const tcp = createServer()
      await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
      const { port } = tcp.address() as { port: number }
      const udp = createSocket('udp4')
      const bound = await new Promise<boolean>((resolve) => {
        udp.once('error', () => resolve(false))
        udp.bind(port, '127.0.0.1', () => resolve(true))
      })
      if (bound) return new FakeResolver(udp, tcp).set(text)
      tcp.close()
    }
  }

  /** Forgets all records, and knows these. */
  set(text: string): this {
    const lines = text.split('\n').map((line) => line.trim())
    const items = [...parseZoneFile(lines.join('\n'), { origin: parseName('.'), defaultTtl: 300 })]
    this.#records = items.flatMap((item) => ('record' in item ? [item.record] : []))
    return this
  }

  get endpoint(): Endpoint {
    return { address: '127.0.0.1', port: this.#udp.address().port }
  }

  /** How often a question was asked. */
  count(question: string): number {
    return this.asked.filter((each) => each === question).length
  }

  async stop(): Promise<void> {
    this.#udp.close()
    await new Promise<void>((resolve) => void this.#tcp.close(() => resolve()))
  }

  #answer(octets: Uint8Array, { cut }: { readonly cut: boolean }): Uint8Array | undefined {
    const query = readMessage(new Uint8Array(octets))
    const [question] = query.questions
    if (question === undefined) return undefined
    this.asked.push(`${printName(question.name)} ${typeMnemonic(question.type)}`)
    const said = this.fails ? responseTo(query, { rcode: SERVFAIL }) : this.#lookUp(query, question)
    const answer = this.mangle(said, query)
    return answer && writeMessage(cut ? { ...answer, tc: true, answer: [] } : answer)
  }

  #lookUp(query: Message, { name, type }: { name: Name; type: number }): Message {
    const answer: DnsRecord[] = []
    let at = name
    for (let steps = 0; steps < 20; steps++) {
      const own = this.#records.filter((record) => sameName(record.owner, at))
      const found = own.filter((record) => record.type === type)
      answer.push(...found)
      const alias = own.find((record) => record.type === CNAME)
      if (found.length > 0 || alias === undefined) break
      answer.push(alias)
      at = nameFromWire(alias.rdata)
    }
    const exists = this.#records.some((record) => nameKey(record.owner).endsWith(nameKey(at)))
    const isFound = answer.some((record) => record.type === type)
    const authority = isFound ? [] : this.#records.filter((record) => record.type === SOA)
    return responseTo(query, { ra: true, rcode: exists ? 0 : NXDOMAIN, answer, authority })
  }
}
