/**
 * Transfers out: who may have a zone, and its messages, a few at a time, as the client reads them (RFC 5936, RFC 1995).
 *
 * The version that a transfer begins with is pinned until it ends, so a transfer is one version whatever is published
 * meanwhile, and a slow client holds up nobody.
 */

import { RCODE } from '../dns/code.ts'
import { udpSizeOf } from '../dns/edns.ts'
import { nameFromWire, printName, type Name } from '../dns/name.ts'
import { readHeader } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { tsigOctets, type TsigKey } from '../dns/tsig.ts'
import { signRefusal, signResponse, TsigSigner } from '../dns/tsig-sign.ts'
import { verify, type TsigRefusal, type VerifyOptions } from '../dns/tsig-verify.ts'
import { clientOf, type Endpoint } from '../net/address.ts'
import { PREFIX_OCTETS } from '../net/framing.ts'
import { parseAddress, parseNetwork, type AccessList } from '../protocol/access.ts'
import { expireOptions } from '../protocol/expire-option.ts'
import { ednsFor } from '../protocol/response-edns.ts'
import { octetsOf, type Frames } from '../protocol/frame-maker.ts'
import { transferFrames, type TransferOutEnd } from '../protocol/transfer-out.ts'
import { judgeTransfer, type TransferVerdict } from '../protocol/transfer-request.ts'
import { serialOf, type Contents } from '../zone/contents.ts'
import { ZONE_STATE } from '../zone/directory-layout.ts'
import type { DirectoryReader, Pin } from '../zone/directory-reader.ts'
import type { Counters } from './counters.ts'
import { hmac } from './keys.ts'
import type { TransferOutFacts } from './thread-messages.ts'
import { decideFor, servedZone, secondsLeftOf, type Served } from './transfer-out-access.ts'
import { soaOnly, type Sources, type TransferContent, zoneContent } from './transfer-out-content.ts'
import { peerAt, type RuleBook } from './transfer-rules.ts'

export interface TransfersOutWorld {
  readonly transport: 'udp' | 'tcp'
  /** The largest answer by UDP. */
  readonly udpSizeMax: number
  readonly directory: DirectoryReader
  readonly counters: Counters
  /** Whom every zone may be transferred to. */
  readonly access: AccessList
  /** To whom each zone is handed on. */
  readonly rules: RuleBook
  readonly sources: Sources
  readonly keyOf: VerifyOptions['keys']
  readonly runningMax: number
  readonly perClientMax: number
  readonly ended: (facts: TransferOutFacts) => void
}

type Sending = Extract<TransferVerdict<Served>, { type: 'send' }>
type Refused = Extract<TransferVerdict<Served>, { type: 'refused' }>
type Signed = { readonly key: TsigKey; readonly mac: Uint8Array } | undefined

/** What a transfer has come to so far. */
interface Progress {
  content: TransferContent | undefined
  outcome: TransferOutFacts['outcome']
  messages: number
  records: number
  octets: number
}

export class TransfersOut {
  readonly #world: TransfersOutWorld
  readonly #perClient = new Map<string, number>()
  #running = 0

  constructor(world: TransfersOutWorld) {
    this.#world = world
  }

  /** The one message that answers by UDP: the differences if they fit, else a SOA record (RFC 1995 §2). */
  async answerOnce(request: Uint8Array, client: Endpoint): Promise<Uint8Array | undefined> {
    let only: Uint8Array | undefined
    for await (const answer of this.answer(request, client))
      only = answer instanceof Uint8Array ? answer : octetsOf(answer, PREFIX_OCTETS)
    return only
  }

  /** The answer to a request with QTYPE AXFR or IXFR: a message, or frames, each lent until the next are asked for. */
  async *answer(request: Uint8Array, client: Endpoint): AsyncGenerator<Uint8Array | Frames> {
    const now = Date.now()
    const signature = verify(request, { keys: this.#world.keyOf, hmac, now })
    if (signature.type === 'refused') {
      yield this.#refuseSignature(request, signature, client)
      return
    }
    const signed = signature.type === 'verified' ? signature : undefined
    const { directory, rules, access, transport } = this.#world
    const source = { address: addressOf(client), key: signed?.key }
    let asked: Served | undefined
    const verdict = judgeTransfer<Served>(signed === undefined ? request : signed.octets, {
      transport,
      zoneOf: (apex) => (asked = servedZone(apex, directory, rules)),
      decide: (zone) => decideFor(zone.rules, access, source),
      takePlace: () => this.#takePlace(client.address),
    })
    if (verdict.type === 'send') {
      yield* this.#send(verdict, client, signed)
      return
    }
    this.#noteRefusal(verdict, asked, client, signed)
    const response = writeMessage({ ...verdict.response, id: readHeader(request).id })
    yield signed === undefined
      ? response
      : signResponse(response, signed.key, { hmac, now, requestMac: signed.mac }).octets
  }

  async *#send(verdict: Sending, client: Endpoint, signed: Signed): AsyncGenerator<Frames> {
    const { directory, transport } = this.#world
    const startedAt = performance.now()
    const pin = directory.pin(verdict.zone.handle)
    const progress: Progress = { content: undefined, outcome: 'broken off', messages: 0, records: 0, octets: 0 }
    try {
      if (pin === undefined) return
      const contents: Contents = { arena: directory.arena, version: pin.version }
      progress.content = await this.#contentOf(verdict, pin)
      if (transport === 'tcp') yield* this.#stream(verdict, pin, { signed, content: progress.content, progress })
      else yield this.#datagram(verdict, pin, { signed, contents, progress })
    } finally {
      const serial = pin === undefined ? undefined : serialOf({ arena: directory.arena, version: pin.version })
      if (pin !== undefined) directory.unpin(pin)
      if (verdict.what === 'zone') this.#givePlaceBack(client.address)
      const ms = Math.round(performance.now() - startedAt)
      this.#noteEnd(verdict, client, { signed, progress, serial, ms })
    }
  }

  async #contentOf({ what, since, zone }: Sending, pin: Pin): Promise<TransferContent> {
    const { sources, transport, directory } = this.#world
    const { arena } = directory
    const contents: Contents = { arena, version: pin.version }
    if (what === 'soa') return soaOnly(contents)
    const content = await zoneContent({ arena, pin }, { since, rules: zone.rules, transport }, sources)
    return transport === 'udp' && content.form !== 'IXFR' ? soaOnly(contents) : content
  }

  *#stream(
    verdict: Sending,
    pin: Pin,
    { signed, content, progress }: { signed: Signed; content: TransferContent; progress: Progress },
  ): Generator<Frames> {
    const sent = this.#frames(verdict, pin, content, signed)
    for (let next = sent.next(); ; next = sent.next()) {
      if (next.done === true) {
        progress.outcome = next.value
        return
      }
      yield counted(next.value, progress)
    }
  }

  /** One message with all of it, or else the SOA record, which tells the asker to come by TCP. */
  #datagram(
    verdict: Sending,
    pin: Pin,
    { signed, contents, progress }: { signed: Signed; contents: Contents; progress: Progress },
  ): Frames {
    const whole = progress.content && onlyMessage(this.#frames(verdict, pin, progress.content, signed))
    progress.outcome = 'complete'
    if (whole !== undefined) return counted(whole, progress)
    progress.content = soaOnly(contents)
    return counted(this.#frames(verdict, pin, progress.content, signed).next().value as Frames, progress)
  }

  #frames(verdict: Sending, pin: Pin, content: TransferContent, signed: Signed): Generator<Frames, TransferOutEnd> {
    const { directory, transport, udpSizeMax } = this.#world
    const { request, question } = verdict
    const signer = signed && new TsigSigner(signed.key, { hmac, requestMac: signed.mac })
    return transferFrames(content.runs(), {
      id: request.id,
      rd: request.rd,
      name: question.name,
      type: question.type,
      edns: ednsFor(
        request,
        expireOptions(request, () => secondsLeftOf(pin, directory, Date.now())),
      ),
      ...(transport === 'udp' ? { messageOctetsMax: Math.min(udpSizeOf(request.edns), udpSizeMax) } : {}),
      isServed: () => directory.stateOf(pin.zone) === ZONE_STATE.serving,
      ...(signed === undefined ? {} : { signatureOctets: tsigOctets(signed.key) }),
      ...(signer && { sign: (parts) => signer.sign(parts, Date.now()) }),
    })
  }

  #takePlace(address: string): boolean {
    const client = clientOf(address)
    const ofClient = this.#perClient.get(client) ?? 0
    if (this.#running >= this.#world.runningMax || ofClient >= this.#world.perClientMax) return false
    this.#running++
    this.#perClient.set(client, ofClient + 1)
    return true
  }

  #givePlaceBack(address: string): void {
    const client = clientOf(address)
    const left = (this.#perClient.get(client) ?? 0) - 1
    this.#running--
    if (left > 0) this.#perClient.set(client, left)
    else this.#perClient.delete(client)
  }

  #refuseSignature(request: Uint8Array, refusal: TsigRefusal, client: Endpoint): Uint8Array {
    const { counters, ended, directory, rules, transport } = this.#world
    counters.add('transfersOutRefused')
    const apex = questionName(request)
    const zone = apex && servedZone(apex, directory, rules)
    ended({
      ...NOTHING_SENT,
      zone: apex === undefined ? '?' : printName(apex),
      zoneId: zone?.rules?.zoneId,
      client,
      transport,
      peerId: zone?.rules && peerAt(zone.rules, addressOf(client)),
      asked: questionType(request) === IXFR ? 'IXFR' : 'AXFR',
      outcome: { signature: refusal.detail },
    })
    const rcode = refusal.error === 'FORMERR' ? RCODE.FORMERR : RCODE.NOTAUTH
    return signRefusal(bareRefusal(request, rcode), refusal, { hmac, now: Date.now() })
  }

  #noteRefusal({ why, response }: Refused, zone: Served | undefined, client: Endpoint, signed: Signed): void {
    const { counters, ended, transport } = this.#world
    const [question] = response.questions
    counters.add('transfersOutRefused')
    ended({
      ...NOTHING_SENT,
      zone: question === undefined ? '?' : printName(question.name),
      zoneId: zone?.rules?.zoneId,
      client,
      transport,
      peerId: zone?.rules && peerAt(zone.rules, addressOf(client)),
      key: signed && printName(signed.key.name),
      asked: question?.type === IXFR ? 'IXFR' : 'AXFR',
      outcome: why,
    })
  }

  #noteEnd(
    { zone, question, since, rule, peer }: Sending,
    client: Endpoint,
    end: { signed: Signed; progress: Progress; serial: TransferOutFacts['serial']; ms: number },
  ): void {
    const { counters, ended, transport } = this.#world
    const { content, ...progress } = end.progress
    counters.add(progress.outcome === 'complete' ? 'transfersOut' : 'transfersOutFailed')
    if (content?.form === 'IXFR') counters.add('transfersOutIncremental')
    counters.add('transferOutOctets', progress.octets)
    ended({
      ...progress,
      zone: printName(question.name),
      zoneId: zone.rules?.zoneId,
      client,
      transport,
      peerId: peer,
      key: end.signed && printName(end.signed.key.name),
      rule,
      asked: question.type === IXFR ? 'IXFR' : 'AXFR',
      form: content?.form,
      full: content?.full,
      fromSerial: since,
      serial: end.serial,
      ms: end.ms,
    })
  }
}

const IXFR = 251

const NOTHING_SENT = {
  key: undefined,
  rule: undefined,
  form: undefined,
  full: undefined,
  fromSerial: undefined,
  serial: undefined,
  messages: 0,
  records: 0,
  octets: 0,
  ms: 0,
} as const

const addressOf = ({ address }: Endpoint): Uint8Array => parseAddress(address) ?? new Uint8Array()

/** Frames, noted. */
function counted(frames: Frames, progress: Progress): Frames {
  progress.messages += frames.messages
  progress.octets += frames.octets
  progress.records += frames.records
  return frames
}

/** The message that is the whole of an answer; undefined if there are more, or if it does not end well. */
function onlyMessage(frames: Generator<Frames, TransferOutEnd>): Frames | undefined {
  const first = frames.next()
  if (first.done === true || first.value.messages > 1) return undefined
  const { done, value } = frames.next()
  return done === true && value === 'complete' ? first.value : undefined
}

/** Header and question as they came, with an RCODE and nothing else. */
function bareRefusal(request: Uint8Array, rcode: number): Uint8Array {
  const end = questionEnd(request)
  const octets = request.slice(0, end)
  octets[2] = ((octets[2] as number) & 0x79) | 0x80
  octets[3] = rcode
  octets.fill(0, 4, 12)
  octets[5] = end > 12 ? 1 : 0
  return octets
}

function questionName(request: Uint8Array): Name | undefined {
  return questionEnd(request) > 12 ? nameFromWire(request, 12) : undefined
}

function questionType(request: Uint8Array): number {
  const end = questionEnd(request)
  return end > 12 ? ((request[end - 4] as number) << 8) | (request[end - 3] as number) : 0
}

/** Where the first question ends; 12 if there is none, or none that can be read. */
function questionEnd(request: Uint8Array): number {
  try {
    return request[5] === 0 ? 12 : 12 + nameFromWire(request, 12).length + 4
  } catch {
    return 12
  }
}

/** Whom every zone may be transferred to, signed or not. */
export function accessForAll(networkTexts: readonly string[]): AccessList {
  const networks = networkTexts.flatMap((id) => {
    const network = parseNetwork(id)
    return network === undefined ? [] : [{ id, network }]
  })
  return { networks, peers: [] }
}
