/** Which zones a list shows, and in which order. */

import type { Account, Zone } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import type { ZoneIndex } from './zone-index.ts'

export type TextOperator = 'equal' | 'not_equal' | 'starts_with' | 'ends_with' | 'contains'

/** A test of a text. Without `caseSensitive` the value is in lower case and so is what it is held against. */
export interface TextTest {
  readonly operator: TextOperator
  readonly value: string
  readonly caseSensitive: boolean
}

export interface ZoneQuery {
  readonly name?: TextTest | undefined
  readonly accountId?: Id | undefined
  readonly accountName?: TextTest | undefined
  readonly statuses?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  /** Whether a zone must pass all tests or any one of them. */
  readonly match: 'all' | 'any'
  readonly order: 'name' | 'status' | 'account.id' | 'account.name' | 'plan.id'
  readonly direction: 'asc' | 'desc'
  readonly offset: number
  readonly limit: number
  /** Whether whoever asks may know of a zone; they may of all if absent. */
  readonly isSeen?: ((zone: Zone) => boolean) | undefined
}

export interface ZonePage {
  readonly zones: readonly Zone[]
  /** How many zones pass, on all pages. */
  readonly total: number
}

interface Registered {
  readonly zones: ZoneIndex
  readonly accounts: ReadonlyMap<Id, Account>
}

type Test = (zone: Zone) => boolean

/** Finds the zones by the shortest way: one by its name, those of an account, or all. */
export function selectZones({ zones, accounts }: Registered, query: ZoneQuery): ZonePage {
  const accountName = (zone: Zone) => accounts.get(zone.accountId)?.name ?? ''
  const { isSeen } = query
  const all = passingZones(zones, query, accountName)
  const passing = isSeen === undefined ? all : all.filter(isSeen)
  const sorted = inOrder(passing, query, accountName)
  const { offset, limit } = query
  if (query.direction === 'asc') return { zones: sorted.slice(offset, offset + limit), total: sorted.length }
  const end = Math.max(sorted.length - offset, 0)
  return { zones: sorted.slice(Math.max(end - limit, 0), end).toReversed(), total: sorted.length }
}

function passingZones(zones: ZoneIndex, query: ZoneQuery, accountName: (zone: Zone) => string): readonly Zone[] {
  const tests = testsOf(query, accountName)
  if (query.match === 'any' && tests.length > 1) {
    return zones.sorted().filter((zone) => tests.some((test) => test(zone)))
  }
  const { name, accountId } = query
  if (name?.operator === 'equal') {
    const zone = zones.named(name.value)
    return zone !== undefined && tests.every((test) => test(zone)) ? [zone] : []
  }
  const from = zones.sorted(accountId)
  const left = accountId === undefined ? tests : testsOf({ ...query, accountId: undefined }, accountName)
  return left.length === 0 ? from : from.filter((zone) => left.every((test) => test(zone)))
}

function testsOf(query: ZoneQuery, accountName: (zone: Zone) => string): readonly Test[] {
  const { name, accountId, accountName: wanted, statuses, types } = query
  const tests: Test[] = []
  if (accountId !== undefined) tests.push((zone) => zone.accountId === accountId)
  if (types !== undefined) tests.push((zone) => types.includes(zone.type))
  if (statuses !== undefined) tests.push((zone) => statuses.includes(zone.status))
  if (name !== undefined) {
    const passes = predicate({ ...name, caseSensitive: true }) // names of zones are in lower case
    tests.push((zone) => passes(zone.name))
  }
  if (wanted !== undefined) {
    const passes = predicate(wanted)
    tests.push((zone) => passes(accountName(zone)))
  }
  return tests
}

/** A test, made ready to be asked often. */
function predicate({ operator, value, caseSensitive }: TextTest): (text: string) => boolean {
  const held = caseSensitive ? (text: string) => text : (text: string) => text.toLowerCase()
  switch (operator) {
    case 'equal':
      return (text) => held(text) === value
    case 'not_equal':
      return (text) => held(text) !== value
    case 'starts_with':
      return (text) => held(text).startsWith(value)
    case 'ends_with':
      return (text) => held(text).endsWith(value)
    case 'contains':
      return (text) => held(text).includes(value)
    default:
      return operator satisfies never
  }
}

/** By name the zones come sorted; any other order keeps the names in order among equals. */
function inOrder(zones: readonly Zone[], { order }: ZoneQuery, accountName: (zone: Zone) => string): readonly Zone[] {
  switch (order) {
    case 'name':
    case 'plan.id':
      return zones
    case 'status':
      return grouped(zones, (zone) => zone.status)
    case 'account.id':
      return grouped(zones, (zone) => zone.accountId)
    case 'account.name':
      return grouped(zones, accountName)
    default:
      return order satisfies never
  }
}

/** Sorted by a key that few values share, in one pass. */
function grouped(zones: readonly Zone[], key: (zone: Zone) => string): readonly Zone[] {
  const groups = Map.groupBy(zones, key)
  return [...groups.keys()].sort().flatMap((each) => groups.get(each) ?? [])
}
