/** A server in one thread: zones as master files in, answers in presentation format out. */

import { OPCODE, rcodeName } from '../../src/dns/code.ts'
import type { Edns } from '../../src/dns/edns.ts'
import { type DnsRecord, FLAG, type Message, newMessage, readMessage } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { type Name, parseName, printName } from '../../src/dns/name.ts'
import { recordTypeOf, typeCode, typeMnemonic } from '../../src/dns/record-types.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import { type Client, Responder, type ResponderOptions } from '../../src/protocol/answer.ts'
import { Arena } from '../../src/zone/arena.ts'
import type { Contents } from '../../src/zone/contents.ts'
import { DirectoryWriter } from '../../src/zone/directory.ts'
import type { ZoneHandle } from '../../src/zone/directory-layout.ts'
import { DirectoryReader } from '../../src/zone/directory-reader.ts'
import { Edit } from '../../src/zone/edit.ts'
import { layOver, type Overlay } from '../../src/zone/overlay.ts'
import { storeRecord } from '../../src/zone/stored-form.ts'

/** How a question is asked, beside its name and type. */
export interface Asking {
  readonly tcp?: boolean
  /** EDNS with this UDP size; none by default. */
  readonly size?: number
  readonly do?: boolean
  readonly edns?: Partial<Edns>
  readonly class?: number
  readonly flags?: Partial<Message>
}

/** An answer for people: `answer`, `authority` and `additional` as lines `owner TTL TYPE RDATA`, in the order they came. */
export interface Answered {
  readonly rcode: string
  /** `aa`, `tc`, `rd`, `ra`, `ad`, `cd` and `z`, as far as they are set. */
  readonly flags: string
  readonly answer: readonly string[]
  readonly authority: readonly string[]
  readonly additional: readonly string[]
  readonly edns: Edns | undefined
  readonly octets: Uint8Array
}

const SOA_LINE = '@ 3600 IN SOA ns1 hostmaster 1 7200 3600 1209600 300'

export class World {
  readonly arena: Arena
  readonly writer: DirectoryWriter
  readonly reader: DirectoryReader
  readonly responder: Responder
  readonly client: Client = { transport: 'udp', address: Uint8Array.of(192, 0, 2, 1), now: 0, reservedOctets: 0 }
  readonly #out = new Uint8Array(65_535)
  readonly #contents = new Map<ZoneHandle, Contents>()

  constructor(options: ResponderOptions = {}) {
    this.arena = new Arena()
    this.writer = new DirectoryWriter(this.arena, { seed: 0x5eed })
    this.reader = new DirectoryReader(this.writer.memory, (index, view) =>
      view.adopt(index, this.arena.chunks[index] as SharedArrayBuffer),
    )
    this.responder = new Responder(this.reader, options)
  }

  /** Adds a zone without contents. */
  configure(apex: string): ZoneHandle {
    return this.writer.put(parseName(apex), 0)
  }

  /** Adds a zone, or replaces its contents. Text without ` IN SOA ` gets `ns1 hostmaster 1 7200 3600 1209600 300`. */
  load(apex: string, text: string): ZoneHandle {
    return this.loadRecords(parseName(apex), recordsOf(apex, text))
  }

  loadRecords(apex: Name, records: readonly DnsRecord[]): ZoneHandle {
    const zone = this.writer.find(apex) ?? this.writer.put(apex, 0)
    const edit = new Edit(this.arena, undefined, apex)
    for (const record of records) {
      const stored = storeRecord(record, apex)
      if (record.type === 6 && record.owner.length === apex.length) edit.setSoa(stored)
      else edit.add(stored, 0, stored.length)
    }
    return this.#publish(zone, edit)
  }

  /** Answers other records in place of what a zone has. */
  layOver(apex: string, overlays: readonly Overlay[]): void {
    const zone = this.writer.find(parseName(apex)) as ZoneHandle
    const edit = new Edit(this.arena, this.#contents.get(zone), parseName(apex))
    layOver(edit, overlays)
    this.#publish(zone, edit)
  }

  /** Changes a zone as an incremental transfer would: lines to take out, lines to put in. */
  change(apex: string, removed: string, added: string): void {
    this.changeRecords(parseName(apex), recordsOf(apex, removed).slice(1), recordsOf(apex, added).slice(1))
  }

  changeRecords(apex: Name, removed: readonly DnsRecord[], added: readonly DnsRecord[]): void {
    const zone = this.writer.find(apex) as ZoneHandle
    const edit = new Edit(this.arena, this.#contents.get(zone), apex)
    for (const record of removed) {
      const stored = storeRecord(record, apex)
      edit.remove(stored, 0, stored.length)
    }
    for (const record of added) {
      const stored = storeRecord(record, apex)
      edit.add(stored, 0, stored.length)
    }
    this.#publish(zone, edit)
  }

  /** Asks `name TYPE` and reads the answer. */
  ask(question: string, asking: Asking = {}): Answered {
    return this.send(questionOf(question, asking), asking.tcp ? 'tcp' : 'udp') as Answered
  }

  /** Sends octets and reads the answer; undefined where the server stays silent. */
  send(request: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): Answered | undefined {
    const octets = this.respond(request, transport)
    return typeof octets === 'number' ? undefined : answeredOf(octets)
  }

  /** Sends octets; the answer's octets, or what else `respond` returned. */
  respond(request: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): Uint8Array | number {
    this.client.transport = transport
    this.#out.fill(0xee, 0, 2048)
    const length = this.responder.respond(request, request.length, this.#out, this.client)
    return length <= 0 ? length : this.#out.slice(0, length)
  }

  #publish(zone: ZoneHandle, edit: Edit): ZoneHandle {
    const { contents, retired } = edit.commit()
    this.writer.publish(zone, contents.version, retired)
    this.#contents.set(zone, contents)
    return zone
  }
}

/** The records of a master file, a SOA record first even where the text has none. */
export function recordsOf(apex: string, text: string): DnsRecord[] {
  const records: DnsRecord[] = []
  const whole = / IN SOA /.test(text) ? text : `${SOA_LINE}\n${text}`
  for (const item of parseZoneFile(whole, { origin: parseName(apex), defaultTtl: 3600 })) {
    if (item.type === 'record') records.push(item.record)
  }
  return records
}

/** The octets of a question `name TYPE`. */
export function questionOf(question: string, asking: Asking = {}): Uint8Array {
  const [name = '', type = ''] = question.split(' ')
  const wantsEdns = asking.size !== undefined || asking.do !== undefined || asking.edns !== undefined
  const edns = {
    udpSize: asking.size ?? 1232,
    version: 0,
    do: asking.do ?? false,
    flags: 0,
    options: [],
    ...asking.edns,
  }
  return writeMessage(
    newMessage({
      id: 0x1234,
      opcode: OPCODE.QUERY,
      questions: [{ name: parseName(name), type: typeCode(type) as number, class: asking.class ?? 1 }],
      ...(wantsEdns ? { edns } : {}),
      ...asking.flags,
    }),
  )
}

/** A record as one line, `owner TTL TYPE RDATA`. */
function line({ owner, ttl, type, rdata }: DnsRecord): string {
  return `${printName(owner)} ${ttl} ${typeMnemonic(type)} ${recordTypeOf(type).printRdata(rdata)}`
}

function answeredOf(octets: Uint8Array): Answered {
  const message = readMessage(octets)
  const flags = Object.entries(FLAG)
    .filter(([name, bit]) => name !== 'QR' && ((((octets[2] as number) << 8) | (octets[3] as number)) & bit) !== 0)
    .map(([name]) => name.toLowerCase())
  return {
    rcode: rcodeName(message.rcode),
    flags: flags.join(' '),
    answer: message.answer.map(line),
    authority: message.authority.map(line),
    additional: message.additional.map(line),
    edns: message.edns,
    octets,
  }
}
