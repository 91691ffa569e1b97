/**
 * Transfers out: who may have a zone, and its messages one by one as the client reads them (RFC 5936, RFC 1995).
 *
 * The version that a transfer begins with is pinned until it ends, so a transfer is one version whatever is published
 * meanwhile, and a slow client holds up nobody.
 */

import { RCODE } from '../dns/code.ts'
import { udpSizeOf } from '../dns/edns.ts'
import { nameFromWire, nameKey, parseName, printName, type Name } from '../dns/name.ts'
import { readHeader } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { tsigOctets, type TsigKey } from '../dns/tsig.ts'
import { signRefusal, signResponse, TsigSigner } from '../dns/tsig-sign.ts'
import { verify, type TsigRefusal, type VerifyOptions } from '../dns/tsig-verify.ts'
import { clientOf } from '../net/address.ts'
import { decideTransfer, parseAddress, parseNetwork, type AccessList } from '../protocol/access.ts'
import { ednsFor } from '../protocol/response-edns.ts'
import { fullRuns, transferMessages } from '../protocol/transfer-out.ts'
import { judgeTransfer, type TransferVerdict, type ZoneToTransfer } from '../protocol/transfer-request.ts'
import { serialOf, soaOf, type Contents, type Stored } from '../zone/contents.ts'
import { ZONE_STATE, type ZoneHandle } from '../zone/directory-layout.ts'
import type { DirectoryReader, Pin } from '../zone/directory-reader.ts'
import type { Counters } from './counters.ts'
import { hmac } from './keys.ts'
import type { TransferOutFacts } from './thread-messages.ts'

export interface TransfersOutWorld {
  readonly transport: 'udp' | 'tcp'
  /** The largest answer by UDP. */
  readonly udpSizeMax: number
  readonly directory: DirectoryReader
  readonly counters: Counters
  /** Whom every zone may be transferred to. */
  readonly access: AccessList
  readonly keyOf: VerifyOptions['keys']
  readonly runningMax: number
  readonly perClientMax: number
  readonly ended: (facts: TransferOutFacts) => void
}

interface Served extends ZoneToTransfer {
  readonly handle: ZoneHandle
  readonly apex: Name
}

type Sending = Extract<TransferVerdict<Served>, { type: 'send' }>

const STATES = ['empty', 'serving', 'expired'] as const

export class TransfersOut {
  readonly #world: TransfersOutWorld
  readonly #perClient = new Map<string, number>()
  #running = 0

  constructor(world: TransfersOutWorld) {
    this.#world = world
  }

  /** The one message that answers by UDP: a SOA record at most, which tells the asker to come by TCP (RFC 1995 §2). */
  async answerOnce(request: Uint8Array, address: string): Promise<Uint8Array | undefined> {
    let only: Uint8Array | undefined
    for await (const message of this.answer(request, address)) only = message
    return only
  }

  /** The answer to a request with QTYPE AXFR or IXFR. */
  async *answer(request: Uint8Array, address: string): AsyncGenerator<Uint8Array> {
    const now = Date.now()
    const signature = verify(request, { keys: this.#world.keyOf, hmac, now })
    if (signature.type === 'refused') {
      yield this.#refuseSignature(request, signature, address)
      return
    }
    const key = signature.type === 'verified' ? signature : undefined
    const verdict = judgeTransfer<Served>(key === undefined ? request : key.octets, {
      transport: this.#world.transport,
      zoneOf: (apex) => this.#zoneAt(apex),
      decide: () => decideTransfer(this.#world.access, sourceOf(address, key?.key)),
      takePlace: () => this.#takePlace(address),
    })
    if (verdict.type === 'send') {
      yield* this.#send(verdict, address, key)
      return
    }
    this.#note(verdict, address, key?.key, { outcome: verdict.why })
    this.#world.counters.add('transfersOutRefused')
    const response = writeMessage({ ...verdict.response, id: readHeader(request).id })
    yield key === undefined ? response : signResponse(response, key.key, { hmac, now, requestMac: key.mac }).octets
  }

  async *#send(
    verdict: Sending,
    address: string,
    key: { readonly key: TsigKey; readonly mac: Uint8Array } | undefined,
  ): AsyncGenerator<Uint8Array> {
    const { directory, counters } = this.#world
    const startedAt = performance.now()
    const pin = directory.pin(verdict.zone.handle)
    let messages = 0
    let octets = 0
    let outcome = 'broken off'
    try {
      if (pin === undefined) return
      const sent = this.#messages(verdict, pin, key)
      for (let next = sent.next(); ; next = sent.next()) {
        if (next.done === true) {
          outcome = next.value
          break
        }
        messages++
        octets += next.value.length
        yield next.value.subarray(LENGTH_OCTETS)
      }
    } finally {
      if (pin !== undefined) directory.unpin(pin)
      if (verdict.what === 'zone') this.#givePlaceBack(address)
      counters.add(outcome === 'complete' ? 'transfersOut' : 'transfersOutFailed')
      counters.add('transferOutOctets', octets)
      const ms = Math.round(performance.now() - startedAt)
      this.#note(verdict, address, key?.key, { outcome, messages, octets, ms, serial: verdict.zone.serial })
    }
  }

  #messages(verdict: Sending, pin: Pin, key: { readonly key: TsigKey; readonly mac: Uint8Array } | undefined) {
    const { directory, transport, udpSizeMax } = this.#world
    const { request, question, what } = verdict
    const contents: Contents = { arena: directory.arena, version: pin.version }
    const signer = key && new TsigSigner(key.key, { hmac, requestMac: key.mac })
    return transferMessages(what === 'soa' ? onlySoa(contents) : fullRuns(contents), {
      id: request.id,
      rd: request.rd,
      name: question.name,
      type: question.type,
      edns: ednsFor(request, []),
      ...(transport === 'udp' ? { messageOctetsMax: Math.min(udpSizeOf(request.edns), udpSizeMax) } : {}),
      isServed: () => directory.stateOf(pin.zone) === ZONE_STATE.serving,
      ...(key === undefined ? {} : { signatureOctets: tsigOctets(key.key) }),
      ...(signer === undefined ? {} : { sign: (message: Uint8Array) => signer.sign(message, Date.now()) }),
    })
  }

  /** The zone with exactly this apex. */
  #zoneAt(apex: Name): Served | undefined {
    const { directory } = this.#world
    directory.enter()
    try {
      const handle = directory.find(apex, 0)
      if (handle === 0 || directory.apexLabel !== 0) return undefined
      const version = directory.versionOf(handle)
      const serial = version === 0 ? undefined : serialOf({ arena: directory.arena, version })
      return { handle, apex, state: STATES[directory.stateOf(handle)] ?? 'empty', serial }
    } finally {
      directory.leave()
    }
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

  #refuseSignature(request: Uint8Array, refusal: TsigRefusal, address: string): Uint8Array {
    const { counters, ended } = this.#world
    counters.add('transfersOutRefused')
    const facts = { serial: undefined, messages: 0, octets: 0, ms: 0, asked: 'AXFR' } as const
    ended({ ...facts, zone: questionText(request), client: address, key: undefined, outcome: refusal.detail })
    const rcode = refusal.error === 'FORMERR' ? RCODE.FORMERR : RCODE.NOTAUTH
    return signRefusal(bareRefusal(request, rcode), refusal, { hmac, now: Date.now() })
  }

  #note(
    verdict: TransferVerdict<Served>,
    client: string,
    key: TsigKey | undefined,
    end: { outcome: string; messages?: number; octets?: number; ms?: number; serial?: number | undefined },
  ): void {
    const question = verdict.type === 'send' ? verdict.question : verdict.response.questions[0]
    this.#world.ended({
      zone: question === undefined ? '?' : printName(question.name),
      client,
      key: key && printName(key.name),
      asked: question?.type === IXFR ? 'IXFR' : 'AXFR',
      outcome: end.outcome,
      serial: end.serial,
      messages: end.messages ?? 0,
      octets: end.octets ?? 0,
      ms: end.ms ?? 0,
    })
  }
}

const IXFR = 251
const LENGTH_OCTETS = 2

function sourceOf(address: string, key: TsigKey | undefined) {
  return { address: parseAddress(address) ?? new Uint8Array(), key }
}

function* onlySoa(contents: Contents): Generator<Stored> {
  yield soaOf(contents)
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

function questionText(request: Uint8Array): string {
  return questionEnd(request) > 12 ? printName(nameFromWire(request, 12)) : '?'
}

/** Where the first question ends; 12 if there is none, or none that can be read. */
function questionEnd(request: Uint8Array): number {
  try {
    return request[5] === 0 ? 12 : 12 + nameFromWire(request, 12).length + 4
  } catch {
    return 12
  }
}

/** Whom every zone may be transferred to: some networks, and whoever has one of some keys. */
export function accessForAll(networkTexts: readonly string[], keyTexts: readonly string[]): AccessList {
  const networks = networkTexts.flatMap((id) => {
    const network = parseNetwork(id)
    return network === undefined ? [] : [{ id, network }]
  })
  const keys = new Map(keyTexts.map((text) => parseName(text)).map((key) => [nameKey(key), key]))
  return {
    networks,
    peers: [...keys.values()].map((key) => ({ id: printName(key), address: new Uint8Array(), key: { name: key } })),
  }
}
