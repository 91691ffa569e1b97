/** All zones in memory, found by id and by name, and kept in order of their names as a whole and by account. */

import type { Zone } from '../store/objects.ts'
import type { Id } from './object-id.ts'

export class ZoneIndex {
  readonly #byId = new Map<Id, Zone>()
  readonly #byName = new Map<string, Zone>()
  readonly #sorted: Zone[] = []
  readonly #sortedByAccount = new Map<Id, Zone[]>()

  get size(): number {
    return this.#byId.size
  }

  get(id: Id): Zone | undefined {
    return this.#byId.get(id)
  }

  named(name: string): Zone | undefined {
    return this.#byName.get(name)
  }

  /** In order of their names; of one account, or all. The array is the index's own and must not be changed. */
  sorted(accountId?: Id): readonly Zone[] {
    return accountId === undefined ? this.#sorted : (this.#sortedByAccount.get(accountId) ?? [])
  }

  /** Fills an empty index: sorting once is cheaper than finding the place of each. */
  fill(zones: readonly Zone[]): void {
    const share = sharing()
    for (const zone of zones.map(share).sort((a, b) => order(a.name, b.name))) {
      this.#byId.set(zone.id, zone)
      this.#byName.set(zone.name, zone)
      this.#sorted.push(zone)
      this.#accountList(zone.accountId).push(zone)
    }
  }

  put(zone: Zone): void {
    this.#byId.set(zone.id, zone)
    this.#byName.set(zone.name, zone)
    place(this.#sorted, zone)
    place(this.#accountList(zone.accountId), zone)
  }

  remove(zone: Zone): void {
    this.#byId.delete(zone.id)
    this.#byName.delete(zone.name)
    displace(this.#sorted, zone)
    displace(this.#accountList(zone.accountId), zone)
  }

  #accountList(accountId: Id): Zone[] {
    let list = this.#sortedByAccount.get(accountId)
    if (list === undefined) this.#sortedByAccount.set(accountId, (list = []))
    return list
  }
}

/** What came from the store is a text of its own in each zone; those that many zones have become one. */
function sharing(): (zone: Zone) => Zone {
  const texts = new Map<string, string>()
  const text = <T extends string>(own: T): T => {
    const known = texts.get(own)
    if (known === undefined) texts.set(own, own)
    return (known ?? own) as T
  }
  const lists = new Map<string, readonly string[]>()
  const list = (own: readonly string[]): readonly string[] => {
    const key = own.join()
    const known = lists.get(key)
    if (known === undefined) lists.set(key, own)
    return known ?? own
  }
  return (zone) => ({
    ...zone,
    accountId: text(zone.accountId),
    type: text(zone.type),
    status: text(zone.status),
    nameServers: list(zone.nameServers),
  })
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function placeOf(list: readonly Zone[], name: string): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] as Zone).name < name) low = middle + 1
    else high = middle
  }
  return low
}

function place(list: Zone[], zone: Zone): void {
  const at = placeOf(list, zone.name)
  list.splice(at, list[at]?.name === zone.name ? 1 : 0, zone)
}

function displace(list: Zone[], zone: Zone): void {
  const at = placeOf(list, zone.name)
  if (list[at]?.name === zone.name) list.splice(at, 1)
}
