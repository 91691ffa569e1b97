/**
 * Answers: a request's octets in, the answer's octets out.
 *
 * What needs more than a look into the zones is left to others and told by a negative number: signed requests,
 * notifications and transfers. Everything else is answered here, in place, from shared memory, whatever the octets are:
 * silence for what is no request (RFC 8906 §3), FORMERR for what cannot be read, and never an exception. Hot: a thread
 * has one responder and makes nothing new per packet.
 */

import { assert } from '../dns/assert.ts'
import { CLASS, EDE, META_TYPE, OPCODE, RCODE } from '../dns/code.ts'
import { UDP_OCTETS_MIN } from '../dns/edns.ts'
import { HEADER_OCTETS, MESSAGE_OCTETS_MAX } from '../dns/wire.ts'
import { soaOf } from '../zone/contents.ts'
import type { ZoneHandle } from '../zone/directory-layout.ts'
import type { DirectoryReader } from '../zone/directory-reader.ts'
import { TO_RDATA, TYPE } from '../zone/stored-record.ts'
import { addCookie, addExpire, addExtendedError, closeOpt, judgeCookie, openOpt, optOctets } from './answer-edns.ts'
import { Reply } from './answer-reply.ts'
import { RequestView } from './answer-request.ts'
import { Resolver } from './answer-resolve.ts'
import { secondsLeft } from './expire-option.ts'
import { soaFacts } from './soa-facts.ts'

/** The request is not to be answered at all. */
export const SILENCE = 0
/** The request ends in a TSIG: verify it first (see slow.ts). */
export const NEEDS_TSIG = -1
/** The request is a NOTIFY. */
export const NEEDS_NOTIFY = -2
/** The question is for AXFR or IXFR. */
export const NEEDS_TRANSFER = -3

/** What is called NXNAME stands in signed denials only (RFC 9824 §2). */
const NXNAME = 128

/** Who asks, and how. One such object may be changed and used again for every packet. */
export interface Client {
  transport: 'udp' | 'tcp'
  /** Its address, four or sixteen octets: cookies are bound to it. */
  address: Uint8Array
  /** The time in milliseconds. */
  now: number
  /** Octets to leave free at the end of the answer: what a TSIG will take. */
  reservedOctets: number
}

export interface ResponderOptions {
  /** The largest answer by UDP, and the size that our OPT record tells (RFC 9715). */
  readonly udpSizeMax?: number
  /** Secrets for server cookies, the one in use first; none turns cookies off (RFC 9018 §5). */
  readonly cookieSecrets?: readonly Uint8Array[]
}

export class Responder {
  /** May be replaced at any time, so that secrets roll. */
  cookieSecrets: readonly Uint8Array[]
  /** Under load: who sends a cookie by UDP must have one of ours, else BADCOOKIE (RFC 7873 §5.2.3). */
  demandsCookies = false
  readonly #directory: DirectoryReader
  readonly #udpSizeMax: number
  readonly #view = new RequestView()
  readonly #reply = new Reply()
  readonly #resolver: Resolver
  #cookie = false
  #cookieFresh = false
  /** The zone whose SOA record was asked for and answered last; 0 if something else was. */
  #soaZone: ZoneHandle | 0 = 0
  #secondsLeft = 0

  constructor(directory: DirectoryReader, options: ResponderOptions = {}) {
    this.#directory = directory
    this.#udpSizeMax = options.udpSizeMax ?? 1232
    this.cookieSecrets = options.cookieSecrets ?? []
    this.#resolver = new Resolver(directory, this.#reply)
    assert(this.#udpSizeMax >= UDP_OCTETS_MIN, 'no host takes less than 512 octets by UDP')
  }

  /** The zone whose SOA record the last answer was about; 0 if it was about anything else. */
  get soaZone(): ZoneHandle | 0 {
    return this.#soaZone
  }

  /** The RCODE of the last answer, upper bits included: for counting. */
  get rcode(): number {
    return this.#reply.rcode
  }

  /**
   * Answers the request in the first `length` octets into `out`, which has room for the largest message that the
   * transport allows. Returns how many octets the answer has, `SILENCE`, or one of `NEEDS_…`. Hot.
   */
  respond(request: Uint8Array, length: number, out: Uint8Array, client: Client): number {
    this.#soaZone = 0
    if (length < HEADER_OCTETS || ((request[2] as number) & 0x80) !== 0) return SILENCE
    const view = this.#view
    const reply = this.#reply
    const opcode = ((request[2] as number) >> 3) & 15
    if (opcode === OPCODE.NOTIFY) return NEEDS_NOTIFY
    if (opcode !== OPCODE.QUERY && opcode !== OPCODE.UPDATE) return this.#refuseOpcode(request, out)
    const readable = view.read(request, length)
    reply.begin(out, request, view.questionEnd)
    this.#cookie = false
    if (!readable) reply.rcode = RCODE.FORMERR
    else if (opcode === OPCODE.QUERY && isTransfer(view)) return NEEDS_TRANSFER
    else if (view.signed) return NEEDS_TSIG
    else this.#answer(request, client)
    return this.#finish(request, client)
  }

  /** Answers a request with an RCODE and no data: where something else than its question decided. */
  refuse(request: Uint8Array, length: number, out: Uint8Array, client: Client, rcode: number): number {
    this.#soaZone = 0
    this.#view.read(request, length)
    this.#reply.begin(out, request, this.#view.questionEnd)
    this.#cookie = false
    this.#reply.rcode = rcode
    return this.#finish(request, client)
  }

  /** Nothing is known of such a message but its header (RFC 8906 §3.1.4). */
  #refuseOpcode(request: Uint8Array, out: Uint8Array): number {
    const reply = this.#reply
    reply.begin(out, request, 0)
    reply.rcode = RCODE.NOTIMP
    reply.putHeader(request, 0)
    return HEADER_OCTETS
  }

  #answer(request: Uint8Array, client: Client): void {
    const view = this.#view
    const reply = this.#reply
    if (view.edns && view.version > 0) {
      reply.rcode = RCODE.BADVERS
      return
    }
    if (view.cookieOctets >= 0 && this.cookieSecrets.length > 0 && !this.#readCookie(request, client)) return
    if (view.questions !== 1) reply.rcode = view.questions === 0 && this.#cookie ? RCODE.NOERROR : RCODE.FORMERR
    else if (view.opcode === OPCODE.UPDATE) this.#refuseUpdate()
    else if (view.class !== CLASS.IN) reply.rcode = RCODE.REFUSED
    else if (!this.#refuseType(view.type)) this.#resolve(client)
  }

  /** False if the request goes no further. */
  #readCookie(request: Uint8Array, client: Client): boolean {
    const verdict = judgeCookie(request, this.#view, client, this.cookieSecrets)
    if (verdict === 'malformed') {
      this.#reply.rcode = RCODE.FORMERR
      return false
    }
    this.#cookie = true
    this.#cookieFresh = verdict === 'fresh'
    if (!this.demandsCookies || client.transport === 'tcp' || verdict === 'fresh' || verdict === 'aging') return true
    this.#reply.rcode = RCODE.BADCOOKIE
    return false
  }

  /** Types that no zone holds and that ask for something else (RFC 6895 §3.1). */
  #refuseType(type: number): boolean {
    const reply = this.#reply
    switch (type) {
      case NXNAME:
        reply.rcode = RCODE.FORMERR
        reply.ede = EDE.INVALID_QUERY_TYPE
        return true
      case META_TYPE.OPT:
      case META_TYPE.TSIG:
        reply.rcode = RCODE.FORMERR
        return true
      case META_TYPE.TKEY:
      case META_TYPE.MAILA:
      case META_TYPE.MAILB:
        reply.rcode = RCODE.NOTIMP
        return true
      default:
        return false
    }
  }

  /** Zones are changed by their primaries or by the API, never by UPDATE (RFC 2136 §3.1). */
  #refuseUpdate(): void {
    const view = this.#view
    const reply = this.#reply
    if (view.class === CLASS.ANY || view.class === CLASS.NONE || view.type !== TYPE.SOA) reply.rcode = RCODE.FORMERR
    else reply.rcode = view.class === CLASS.IN && this.#isApex() ? RCODE.NOTIMP : RCODE.NOTAUTH
  }

  /** Whether the question's name is the apex of a zone. */
  #isApex(): boolean {
    const directory = this.#directory
    directory.enter()
    const zone = directory.find(this.#reply.out, HEADER_OCTETS)
    directory.leave()
    return zone !== 0 && directory.apexLabel === 0
  }

  #resolve(client: Client): void {
    const view = this.#view
    const reply = this.#reply
    reply.limit = this.#sizeMax(client) - client.reservedOctets - optOctets(view, this.#cookie)
    this.#directory.enter()
    try {
      this.#resolver.resolve(view.type, view.dnssec, client.transport === 'tcp')
      if (view.type === TYPE.SOA && reply.authoritative && reply.rcode === RCODE.NOERROR) this.#noteSoa(client)
    } finally {
      this.#directory.leave()
    }
  }

  /** Whoever asks for the SOA record of a zone may be a secondary. */
  #noteSoa(client: Client): void {
    const directory = this.#directory
    const { apexZone: zone, version } = this.#resolver
    this.#soaZone = zone
    if (zone === 0 || !this.#view.expire) return
    const { octets, at, end } = soaOf({ arena: directory.arena, version })
    const { expire } = soaFacts(octets, at + TO_RDATA, end)
    this.#secondsLeft = secondsLeft(directory.expiryOf(zone), expire, client.now)
  }

  #sizeMax(client: Client): number {
    const { edns, udpSize } = this.#view
    const octets = this.#reply.out.length
    if (client.transport === 'tcp') return Math.min(octets, MESSAGE_OCTETS_MAX)
    const size = edns ? Math.max(UDP_OCTETS_MIN, Math.min(udpSize, this.#udpSizeMax)) : UDP_OCTETS_MIN
    return Math.min(octets, size)
  }

  #finish(request: Uint8Array, client: Client): number {
    const view = this.#view
    const reply = this.#reply
    if (view.edns) {
      const optionsAt = openOpt(reply, view, this.#udpSizeMax)
      const secret = this.#cookie ? this.cookieSecrets[0] : undefined
      if (secret !== undefined) addCookie(reply, request, view, client, secret, this.#cookieFresh)
      if (view.expire && this.#soaZone !== 0) addExpire(reply, this.#secondsLeft)
      if (reply.ede >= 0) addExtendedError(reply)
      closeOpt(reply, optionsAt)
    }
    reply.putHeader(request, view.questionEnd === 0 ? 0 : 1)
    return reply.at
  }
}

function isTransfer(view: RequestView): boolean {
  return view.class === CLASS.IN && (view.type === META_TYPE.AXFR || view.type === META_TYPE.IXFR)
}
