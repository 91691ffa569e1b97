/** What a transfer out consists of: the zone, the differences from what the asker has, or the SOA record alone. */

import { CAA } from '../dns/records/caa.ts'
import type { Serial } from '../dns/serial.ts'
import { chooseChain, type KeptDifference, type WhyFull } from '../protocol/transfer-chain.ts'
import { chainRuns, fullRuns, incrementalRuns, soaRun } from '../protocol/transfer-out.ts'
import type { Store } from '../store/store.ts'
import type { ArenaView } from '../zone/arena-view.ts'
import { countsOf, serialOf, soaOf, type Contents, type Stored } from '../zone/contents.ts'
import type { Pin } from '../zone/directory-reader.ts'
import { RecentChains, type ReadyChain } from './recent-chains.ts'
import type { Settings } from './settings.ts'
import type { TransferRules } from './transfer-rules.ts'

/** Where contents of transfers come from beside the pinned version. */
export interface Sources {
  readonly store: Pick<Store, 'differences'>
  readonly recent: RecentChains
  /** Octets of differences in one transfer. */
  readonly octetsMax: number
  /** Whether all changes are always sent as one difference. */
  readonly condensed: boolean
  /** Types of zones that are edited here that are not transferred. Others have come with what they are to have. */
  readonly leftOut: ReadonlySet<number>
}

/** The sources of a thread that sends zones. */
export function sourcesOf({ limits, primary }: Pick<Settings, 'limits' | 'primary'>, store: Sources['store']): Sources {
  const leftOut: ReadonlySet<number> = primary.transferCaa ? NO_TYPES : new Set([CAA.code])
  return {
    store,
    recent: new RecentChains(),
    octetsMax: limits.ixfrOctetsMax,
    condensed: primary.ixfrCondense,
    leftOut,
  }
}

const NO_TYPES: ReadonlySet<number> = new Set()

export interface TransferContent {
  readonly form: 'AXFR' | 'IXFR' | 'SOA'
  /** The records, from the first to the last; may be read again. */
  readonly runs: () => Iterable<Stored>
  /** Why it is not what was asked for. */
  readonly full?: WhyFull
}

/** What fills no more than a message is never too much, however small the zone. */
const WORTH_IT_OCTETS = 16_384

/** In the store a difference has more in it than what is sent: the edited records of a zone that is edited here. */
const KEPT_SHARE = 8
const KEPT_OCTETS_MIN = 1024 * 1024

export function soaOnly(contents: Contents): TransferContent {
  return { form: 'SOA', runs: () => soaRun(contents) }
}

/** What is asked of the version that is pinned. */
export interface ZoneWish {
  readonly since: Serial | undefined
  readonly rules: TransferRules | undefined
  readonly transport: 'udp' | 'tcp'
}

/** The differences since the asker's serial if they are all there and worth it, else the whole zone. */
export async function zoneContent(
  { arena, pin }: { readonly arena: ArenaView; readonly pin: Pin },
  { since, rules, transport }: ZoneWish,
  sources: Sources,
): Promise<TransferContent> {
  const contents: Contents = { arena, version: pin.version }
  const leftOut = isEditedHere(contents) ? sources.leftOut : NO_TYPES
  const inFull = (full?: WhyFull): TransferContent => ({
    form: 'AXFR',
    runs: () => fullRuns(contents, leftOut),
    ...(full === undefined ? {} : { full }),
  })
  if (since === undefined) return inFull()
  if (rules === undefined) return inFull('history does not reach back')
  if (since === serialOf(contents)) return soaOnly(contents)
  const asked = { pin, since, backlogFrom: rules.backlogFrom, transport }
  const chain = await sources.recent.of(asked, () => readyChain(contents, { since, rules, transport }, sources))
  if (chain.type === 'full') return inFull(chain.why)
  return { form: 'IXFR', runs: () => incrementalRuns(contents, chain.runs) }
}

async function readyChain(
  contents: Contents,
  { since, rules, transport }: { since: Serial; rules: TransferRules; transport: 'udp' | 'tcp' },
  { store, octetsMax, condensed, leftOut }: Sources,
): Promise<ReadyChain> {
  const worth = Math.min(octetsMax, Math.max(WORTH_IT_OCTETS, transport === 'udp' ? 0 : countsOf(contents).octets))
  const keptMax = Math.min(octetsMax, Math.max(KEPT_OCTETS_MIN, worth * KEPT_SHARE))
  let kept: readonly KeptDifference[] | undefined
  try {
    kept = await store.differences(rules.zoneId, since, { octetsMax: keptMax })
  } catch {
    return { type: 'full', why: 'history cannot be read' }
  }
  const soa = soaOf(contents)
  const chain = chooseChain(kept, {
    since,
    served: serialOf(contents),
    soa: soa.octets.slice(soa.at, soa.end),
    backlogFrom: rules.backlogFrom,
    leftOut,
    isEditedHere: isEditedHere(contents),
    octetsMax: worth,
    condensed,
  })
  return chain.type === 'full' ? chain : { type: 'differences', runs: chainRuns(chain.differences) }
}

const isEditedHere = (contents: Contents): boolean => countsOf(contents).editedRecords > 0
