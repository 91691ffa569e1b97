/** Who may have which zone: the zone's own rules first, then those for all zones. */

import type { Name } from '../dns/name.ts'
import type { TransferContext, ZoneToTransfer } from '../protocol/transfer-request.ts'
import { decideTransfer, type AccessList, type AccessDecision, type Source } from '../protocol/access.ts'
import { secondsLeft } from '../protocol/expire-option.ts'
import { soaFacts } from '../protocol/soa-facts.ts'
import { serialOf, soaOf } from '../zone/contents.ts'
import type { ZoneHandle } from '../zone/directory-layout.ts'
import type { DirectoryReader, Pin } from '../zone/directory-reader.ts'
import { TO_RDATA } from '../zone/stored-record.ts'
import type { RuleBook, TransferRules } from './transfer-rules.ts'

/** A zone of the directory, with the rules for it. */
export interface Served extends ZoneToTransfer {
  readonly handle: ZoneHandle
  readonly rules: TransferRules | undefined
}

const STATES = ['empty', 'serving', 'expired'] as const

/** The zone with exactly this apex. */
export function servedZone(apex: Name, directory: DirectoryReader, rules: RuleBook): Served | undefined {
  directory.enter()
  try {
    const handle = directory.find(apex, 0)
    if (handle === 0 || directory.apexLabel !== 0) return undefined
    const version = directory.versionOf(handle)
    const serial = version === 0 ? undefined : serialOf({ arena: directory.arena, version })
    const state = STATES[directory.stateOf(handle)] ?? 'empty'
    return { handle, state, serial, rules: rules.of(directory.idOf(handle)) }
  } finally {
    directory.leave()
  }
}

/** A refusal tells what the zone's own rules object to, if it is one of its peers that asks. */
export function decideFor(
  rules: TransferRules | undefined,
  forAll: AccessList,
  source: Source,
): ReturnType<TransferContext<Served>['decide']> {
  const own: AccessDecision | undefined = rules?.access && decideTransfer(rules.access, source)
  if (own?.allowed === true) return own
  const general = decideTransfer(forAll, source)
  if (general.allowed || own === undefined || own.why === 'address not allowed') return general
  return own
}

/** How long the version that is read is still good (RFC 7314). */
export function secondsLeftOf({ zone, version }: Pin, directory: DirectoryReader, now: number): number {
  const { octets, at, end } = soaOf({ arena: directory.arena, version })
  return secondsLeft(directory.expiryOf(zone), soaFacts(octets, at + TO_RDATA, end).expire, now)
}
