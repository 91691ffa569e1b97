/**
 * What a delegation hides (RFC 1034 §4.2.1): records at or below a name with NS records are not answered with. Beside
 * the NS and DS records of the name itself only glue is, the addresses of its nameservers that lie there as well; and
 * of several delegations above a record, the one nearest to the apex counts.
 */

import { compareNames, isWithin, nameKey, parentName, sameName, type Name } from '../dns/name.ts'
import type { Id } from '../engine/object-id.ts'
import type { RecordReader } from '../engine/runtime.ts'
import type { Stored } from '../zone/contents.ts'
import type { EditedRecord } from '../zone/edited-record.ts'
import { storedOwner } from '../zone/stored-form.ts'
import { TYPE } from '../zone/stored-record.ts'
import { RecordSeen } from './record-seen.ts'

/** Members of `meta`, each only where there is something to say. */
export interface ShadowMeta {
  readonly is_glue?: boolean
  /** Glue that is hidden all the same, by a delegation nearer to the apex. */
  readonly dead_glue?: boolean
  /** Ids of the NS records that hide it. */
  readonly shadowed_by?: readonly Id[]
  readonly shadowed_records_count?: number
}

interface Cut {
  readonly name: Name
  readonly ids: readonly Id[]
  readonly targets: readonly Name[]
}

const A = 1
const AAAA = 28

export class Shadows {
  readonly #reader: RecordReader
  readonly #cuts = new Map<string, Cut | undefined>()

  constructor(reader: RecordReader) {
    this.#reader = reader
  }

  metaOf(record: EditedRecord): ShadowMeta {
    const isCut = record.type === TYPE.NS && record.owner.length > this.#reader.apex.length
    const count = isCut ? { shadowed_records_count: this.#hiddenBelow(record.owner) } : {}
    return { ...this.#hidingOf(record), ...count }
  }

  #hidingOf({ owner, type }: EditedRecord): ShadowMeta {
    const ownCounts = type !== TYPE.NS && type !== TYPE.DS
    const [nearest, ...others] = this.#cutsAbove(owner, ownCounts)
    if (nearest === undefined) return {}
    const isGlueOf = ({ targets }: Cut): boolean =>
      (type === A || type === AAAA) && targets.some((target) => sameName(target, owner))
    if (isGlueOf(nearest)) return { is_glue: true }
    const isDead = others.some(isGlueOf)
    return { ...(isDead && { is_glue: true, dead_glue: true }), shadowed_by: nearest.ids }
  }

  /** The delegations of a name, the one nearest to the apex first. */
  #cutsAbove(owner: Name, ownCounts: boolean): Cut[] {
    const cuts: Cut[] = []
    const { apex } = this.#reader
    let name = ownCounts ? owner : (parentName(owner) ?? apex)
    for (; name.length > apex.length; name = parentName(name) ?? apex) {
      const cut = this.#cutAt(name)
      if (cut !== undefined) cuts.unshift(cut)
    }
    return cuts
  }

  #cutAt(name: Name): Cut | undefined {
    const key = nameKey(name)
    if (this.#cuts.has(key)) return this.#cuts.get(key)
    const found = this.#editedAt(name).filter(({ type }) => type === TYPE.NS)
    const cut =
      found.length === 0
        ? undefined
        : { name, ids: found.map(({ id }) => id), targets: found.map(({ rdata }) => rdata as Name) }
    this.#cuts.set(key, cut)
    return cut
  }

  #editedAt(name: Name): EditedRecord[] {
    const seen = new RecordSeen(this.#reader.apex)
    return Array.from(this.#reader.recordsOf(name), (stored) => seen.look(stored).edited as EditedRecord)
  }

  /** How many records lie at or below a name; without its own NS and DS records, and without glue. */
  #hiddenBelow(name: Name): number {
    const from = this.#positionOf((owner) => compareNames(owner, name) >= 0)
    const to = this.#positionOf((owner) => compareNames(owner, name) >= 0 && !isWithin(owner, name))
    const own = this.#editedAt(name).filter(({ type }) => type === TYPE.NS || type === TYPE.DS)
    const targets = new Map((this.#cutAt(name)?.targets ?? []).map((target) => [nameKey(target), target]))
    const glue = [...targets.values()]
      .filter((target) => isWithin(target, name))
      .flatMap((target) => this.#editedAt(target))
      .filter(({ type }) => type === A || type === AAAA)
    return to - from - own.length - glue.length
  }

  /** The first position whose owner passes; from there on all do. */
  #positionOf(passes: (owner: Name) => boolean): number {
    let low = 0
    let high = this.#reader.recordCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (passes(this.#ownerAt(middle))) high = middle
      else low = middle + 1
    }
    return low
  }

  #ownerAt(position: number): Name {
    for (const { octets, at } of this.#reader.records(position) satisfies Iterable<Stored>)
      return storedOwner(octets, at, this.#reader.apex)
    return this.#reader.apex
  }
}
