/**
 * The closing line of every transfer out: in the log, in the store, and for those who ask how a zone is handed on.
 *
 * Whoever is refused and no peer of the zone leaves a line in the log and no more, so that strangers cannot fill the
 * store; and a peer that is refused over and over leaves one record a minute.
 */

import { printEndpoint } from '../net/address.ts'
import { outgoingReason, outgoingSentence, type OutgoingReason } from '../protocol/outgoing-reason.ts'
import type { TransferRecord } from '../store/store.ts'
import type { Clock } from './alarms.ts'
import type { Log } from './log.ts'
import type { TransferOutFacts, TransferOutOutcome } from './thread-messages.ts'

const REFUSED_EVERY_MS = 60_000
const REFUSED_MAX = 10_000

export interface TransferOutLogWorld {
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  readonly keep: (record: TransferRecord) => void
}

export class TransferOutLog {
  readonly #world: TransferOutLogWorld
  /** When which refusal of which peer was kept. */
  readonly #refused = new Map<string, number>()

  constructor(world: TransferOutLogWorld) {
    this.#world = world
  }

  ended(facts: TransferOutFacts): void {
    const { log, keep } = this.#world
    const { client, transport, outcome, zoneId, peerId, ...rest } = facts
    const reason = reasonOf(facts)
    const said = typeof outcome === 'string' ? outcome : outcome.signature
    // A peer that cannot have its zone is something to be looked at; that strangers cannot is as it should be.
    const level = reason !== undefined && (peerId !== undefined || facts.form !== undefined) ? 'warn' : 'info'
    log[level]({ ...rest, outcome: said, client: client.address, transport, peer: peerId }, 'transfer.out')
    if (zoneId === undefined || (facts.form === undefined && !this.#isWorthKeeping(facts))) return
    keep(this.#record({ ...facts, zoneId }, said, reason))
  }

  #isWorthKeeping({ zoneId, peerId, outcome }: TransferOutFacts): boolean {
    if (peerId === undefined) return false
    const key = `${zoneId} ${peerId} ${JSON.stringify(outcome)}`
    const now = this.#world.clock.now()
    if (now - (this.#refused.get(key) ?? -Infinity) < REFUSED_EVERY_MS) return false
    if (this.#refused.size >= REFUSED_MAX) this.#refused.clear()
    this.#refused.set(key, now)
    return true
  }

  #record(
    facts: TransferOutFacts & { readonly zoneId: string },
    said: string,
    reason: OutgoingReason | undefined,
  ): TransferRecord {
    const { zoneId, ms, client, key, transport, asked, form, full, fromSerial, serial } = facts
    const { messages, records, octets } = facts
    const detail = reason === undefined ? full : outgoingSentence(reason)
    const failed = facts.outcome !== 'complete'
    return {
      zoneId,
      at: this.#world.clock.now() - ms,
      ms,
      direction: 'out',
      peer: printEndpoint(client),
      ...(key === undefined ? {} : { key }),
      trigger: 'peer',
      transport,
      asked,
      ...(form === undefined ? {} : { form }),
      outcome: failed ? 'failed' : 'done',
      ...(failed ? { reason: reason?.code ?? said } : {}),
      ...(failed || detail !== undefined ? { detail: detail ?? said } : {}),
      ...(fromSerial === undefined ? {} : { fromSerial }),
      ...(serial === undefined ? {} : { toSerial: serial }),
      messages,
      records,
      octets,
    }
  }
}

/** What went wrong, in the words of the closed list; undefined if nothing did, or if it is no peer's business. */
function reasonOf({ outcome, messages }: TransferOutFacts): OutgoingReason | undefined {
  if (typeof outcome !== 'string') return outgoingReason('signature-refused', { error: outcome.signature })
  const code = CODES[outcome]
  return code === undefined ? undefined : outgoingReason(code, { messages })
}

const CODES: { readonly [Outcome in TransferOutOutcome & string]?: OutgoingReason['code'] } = {
  'broken off': 'broken-off',
  'zone gone': 'zone-gone',
  'record too large': 'record-too-large',
  'not signed': 'not-signed',
  'signed with another key': 'other-key',
  'too many transfers': 'too-many-transfers',
  'zone expired': 'zone-expired',
  'zone not loaded': 'zone-not-loaded',
}
