/**
 * Where NOTIFY messages are judged: who sent it, by which key, and for which zone (RFC 1996, RFC 8945).
 *
 * The answering threads know nothing of peers; they hand each NOTIFY in here and send back what this says.
 */

import type { Counter } from 'prom-client'
import { RCODE } from '../dns/code.ts'
import { readHeader } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { nameKey, parseName, printName, type Name } from '../dns/name.ts'
import { tsigOctets, type TsigKey } from '../dns/tsig.ts'
import { signRefusal, signResponse } from '../dns/tsig-sign.ts'
import { verify, type TsigRefusal, type TsigVerified } from '../dns/tsig-verify.ts'
import { MESSAGE_OCTETS_MAX } from '../dns/wire.ts'
import { decideNotify, parseAddress, parseNetwork, type AccessDecision, type AccessList } from '../protocol/access.ts'
import { judgeNotify, type NotifyVerdict } from '../protocol/notify.ts'
import type { Serial } from '../dns/serial.ts'
import { newMessage } from '../dns/message.ts'
import type { Zone } from '../store/objects.ts'
import type { Clock } from './alarms.ts'
import type { IncomingNotify } from './dns-threads.ts'
import { hmac, tsigKey } from './keys.ts'
import type { Log } from './log.ts'
import type { Registry } from './registry.ts'
import type { Settings } from './settings.ts'

export interface NotifyDeskWorld {
  readonly registry: Registry
  readonly settings: Pick<Settings, 'secondary'>
  /** A NOTIFY was allowed: the zone is to be checked. */
  readonly notified: (zoneId: string, from: string | undefined, serialHint: Serial | undefined) => void
  readonly verdicts: Pick<Counter<'verdict'>, 'inc'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

export class NotifyDesk {
  readonly #world: NotifyDeskWorld

  constructor(world: NotifyDeskWorld) {
    this.#world = world
  }

  /** Judges a NOTIFY and returns the response; undefined for silence. */
  judge({ octets, client, transport }: IncomingNotify): Uint8Array | undefined {
    const { clock } = this.#world
    const now = clock.now()
    const signature = verify(octets, { keys: (name) => this.#keysNamed(name), hmac, now })
    if (signature.type === 'refused') return this.#refuseSignature(octets, signature, client.address, now)
    const plain = signature.type === 'verified' ? signature.octets : octets
    const key = signature.type === 'verified' ? signature.key : undefined
    const verdict = judgeNotify<Zone>(plain, {
      zoneOf: (apex) => this.#secondaryNamed(apex),
      decide: (zone) => this.#decide(zone, client.address, key),
    })
    this.#note(verdict, client.address, transport, key)
    if (verdict.type === 'silent') return undefined
    if (verdict.type === 'refresh') this.#world.notified(verdict.zone.id, verdict.from, verdict.serialHint)
    const response = { ...verdict.response, id: readHeader(octets).id }
    return signature.type === 'verified' ? this.#signed(response, signature, now) : writeMessage(response)
  }

  #signed(response: NotifyResponse, { key, mac }: TsigVerified, now: number): Uint8Array {
    const limit = MESSAGE_OCTETS_MAX - tsigOctets(key)
    return signResponse(writeMessage(response, { limit }), key, { hmac, now, requestMac: mac }).octets
  }

  #refuseSignature(octets: Uint8Array, refusal: TsigRefusal, client: string, now: number): Uint8Array | undefined {
    const { log, verdicts } = this.#world
    if (octets.length < 12 || readHeader(octets).qr) return undefined
    verdicts.inc({ verdict: refusal.reason })
    log.warn({ client, why: refusal.reason, detail: refusal.detail }, 'notify.refused')
    const { id, opcode } = readHeader(octets)
    const rcode = refusal.error === 'FORMERR' ? RCODE.FORMERR : RCODE.NOTAUTH
    const response = writeMessage(newMessage({ id, qr: true, opcode, rcode }))
    return signRefusal(response, refusal, { hmac, now })
  }

  #decide(zone: Zone, address: string, key: TsigKey | undefined): AccessDecision {
    const source = { address: parseAddress(address) ?? new Uint8Array(), key }
    const list = this.#accessOf(zone)
    const keyed = list.peers.some((peer) => peer.key !== undefined)
    const keyRequired = keyed && this.#world.settings.secondary.notifySignature === 'required'
    return decideNotify(list, source, { keyRequired })
  }

  #accessOf(zone: Zone): AccessList {
    const { registry } = this.#world
    const peers = (registry.incomings.get(zone.id)?.peers ?? []).flatMap((id) => {
      const peer = registry.peers.get(id)
      const address = peer && parseAddress(peer.ip)
      const tsig = peer?.tsigId === undefined ? undefined : registry.tsigs.get(peer.tsigId)
      return address === undefined ? [] : [{ id, address, key: tsig && tsigKey(tsig) }]
    })
    const networks = registry.acls.in(zone.accountId).flatMap(({ id, ipRange }) => {
      const network = parseNetwork(ipRange)
      return network === undefined ? [] : [{ id, network }]
    })
    return { peers, networks }
  }

  #secondaryNamed(apex: Name): Zone | undefined {
    const zone = this.#world.registry.zones.named(nameText(apex))
    return zone?.type === 'secondary' ? zone : undefined
  }

  /** The keys of all accounts with a name. Which one has signed decides for which zones it is good. */
  #keysNamed(name: Name): readonly TsigKey[] {
    const wanted = nameKey(name)
    const { accounts, tsigs } = this.#world.registry
    return accounts
      .all()
      .flatMap(({ id }) => tsigs.in(id).filter((tsig) => nameKey(parseName(tsig.name)) === wanted))
      .map((tsig) => tsigKey(tsig))
  }

  #note(verdict: NotifyVerdict<Zone>, client: string, transport: string, key: TsigKey | undefined): void {
    const { log, verdicts } = this.#world
    const signed = key && printName(key.name)
    if (verdict.type === 'refresh') {
      verdicts.inc({ verdict: 'accepted' })
      const { zone, rule, serialHint } = verdict
      log.info({ zone: zone.name, client, transport, key: signed, rule, serial: serialHint }, 'notify')
    } else if (verdict.type === 'refused') {
      verdicts.inc({ verdict: verdict.why })
      const zone = verdict.apex && printName(verdict.apex)
      log.warn({ zone, client, transport, key: signed, why: verdict.why }, 'notify.refused')
    }
  }
}

type NotifyResponse = Extract<NotifyVerdict<Zone>, { type: 'refresh' }>['response']

/** A name as the control plane keeps it: lower case, no final dot. */
const nameText = (name: Name): string => printName(name).toLowerCase().replace(/\.$/, '')
