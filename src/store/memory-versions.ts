/** Versions of zones in memory: plain lists, to say what the ones in SQLite must do. */

import { octetsEqual } from '../dns/octets.ts'
import type { Serial } from '../dns/serial.ts'
import { StoreError } from './error.ts'
import { segmentHash } from './segment.ts'
import { isCheckpointDue } from './store.ts'
import type { Checkpoint, Committed, Difference, DifferenceSummary, HistoryPolicy, KnownSegment } from './store.ts'
import type { Segment, Stage, StoredDifference, StoredVersion, VersionCommit, VersionSummary } from './store.ts'

interface Base extends Checkpoint {
  readonly segments: readonly (Segment & KnownSegment)[]
}

/** A difference with the version it leads to. */
interface Link extends StoredDifference {
  readonly soa: Uint8Array
  readonly recordCount: number
  readonly at: number
}

interface Versions {
  readonly base: Base
  /** Differences that the base contains. */
  readonly before: readonly Link[]
  /** Differences to be replayed. */
  readonly since: readonly Link[]
}

export class MemoryVersions {
  readonly #zones = new Map<string, Versions>()
  /** The newest difference of a zone that is handed on to nobody. */
  readonly #backlogEnds = new Map<string, Link>()
  readonly #stages = new Map<Stage, readonly (Segment & KnownSegment)[]>()

  stage(stage: Stage, segments: readonly Segment[]): KnownSegment[] {
    const staged = segments.map(({ firstOwner, recordCount, octets }) => {
      const kept = octets.slice()
      return { firstOwner: firstOwner.slice(), recordCount, octets: kept, hash: segmentHash(kept) }
    })
    this.#stages.set(stage, [...(this.#stages.get(stage) ?? []), ...staged])
    return staged.map(({ firstOwner, recordCount, hash }) => ({ firstOwner, recordCount, hash }))
  }

  unstage(stage: Stage): void {
    this.#stages.delete(stage)
  }

  unstageAll(): void {
    this.#stages.clear()
  }

  commit(version: VersionCommit): Committed {
    const { zoneId, difference } = version
    if (difference !== undefined) this.#expect(zoneId, difference.from)
    const versions = this.#zones.get(zoneId)
    const chain = [...(versions?.before ?? []), ...(versions?.since ?? [])]
    if (version.base === 'full') {
      const before = difference === undefined ? [] : [...chain, linkOf(version, difference)]
      return this.#put({ base: this.#baseOf(version), before, since: [] })
    }
    const { base, before, since } = versions as Versions
    return this.#put({ base, before, since: [...since, linkOf(version, version.difference)] })
  }

  checkpoint(checkpoint: Checkpoint): Committed {
    this.#expect(checkpoint.zoneId, checkpoint.serial)
    const { before, since } = this.#zones.get(checkpoint.zoneId) as Versions
    return this.#put({ base: this.#baseOf(checkpoint), before: [...before, ...since], since: [] })
  }

  load(zoneId: string): StoredVersion | undefined {
    const versions = this.#zones.get(zoneId)
    if (versions === undefined) return undefined
    const { serial, soa, recordCount, segments } = versions.base
    const base = { serial, soa, recordCount, segments: segments.map(withoutOctets) }
    const { to, ...newest } = newestOf(versions)
    const differences = versions.since.map(({ from, to: next, octets }) => ({ from, to: next, octets }))
    return structuredClone({
      zoneId,
      serial: to,
      soa: newest.soa,
      recordCount: newest.recordCount,
      at: newest.at,
      base,
      differences,
    })
  }

  octetsOf(hashes: readonly Uint8Array[]): Uint8Array[] {
    const all = [...this.#zones.values()].flatMap(({ base }) => base.segments)
    return hashes.map((hash) => {
      const kept = all.find((segment) => octetsEqual(segment.hash, hash))
      if (kept === undefined) throw new StoreError('out of order', 'a segment is asked for that is not there')
      return kept.octets.slice()
    })
  }

  summaries(): VersionSummary[] {
    return [...this.#zones].map(([zoneId, versions]) => {
      const { to: serial, recordCount, at } = newestOf(versions)
      const { checkpointDue: _, ...stands } = stand(versions)
      return { zoneId, serial, recordCount, at, ...stands }
    })
  }

  history(zoneId: string): DifferenceSummary[] {
    return this.#chainOf(zoneId).map(({ from, to, octets, at }) => ({ from, to, octets: octets.length, at }))
  }

  differences(zoneId: string, from: Serial, octetsMax: number): StoredDifference[] | undefined {
    const versions = this.#zones.get(zoneId)
    if (versions === undefined) return undefined
    if (newestOf(versions).to === from) return []
    const chain = this.#chainOf(zoneId)
    const start = chain.findLastIndex((link) => link.from === from)
    const asked = chain.slice(start).map((link) => ({ from: link.from, to: link.to, octets: link.octets.slice() }))
    const end = this.#backlogEnds.get(zoneId)
    return start < 0 || (end !== undefined && start <= chain.indexOf(end)) || weight(asked) > octetsMax
      ? undefined
      : asked
  }

  endBacklog(zoneId: string): void {
    const newest = this.#chainOf(zoneId).at(-1)
    if (newest !== undefined) this.#backlogEnds.set(zoneId, newest)
  }

  remove(zoneId: string): void {
    this.#zones.delete(zoneId)
    this.#backlogEnds.delete(zoneId)
  }

  prune({ countMax, octetsMax, ageMsMax }: HistoryPolicy, now: number): number {
    let removed = 0
    for (const [zoneId, { base, before, since }] of this.#zones) {
      const chain = [...before, ...since]
      const isBeyond = (at: number) =>
        chain.length - at > countMax || weight(chain.slice(at)) > octetsMax || (chain[at] as Link).at < now - ageMsMax
      const cut = Math.min(before.length, chain.findLastIndex((_, at) => isBeyond(at)) + 1)
      this.#zones.set(zoneId, { base, before: before.slice(cut), since })
      removed += cut
    }
    return removed
  }

  #chainOf(zoneId: string): Link[] {
    const versions = this.#zones.get(zoneId)
    return versions === undefined ? [] : [...versions.before, ...versions.since]
  }

  #expect(zoneId: string, serial: Serial): void {
    const versions = this.#zones.get(zoneId)
    if (versions !== undefined && newestOf(versions).to === serial) return
    const stored = versions === undefined ? 'has no version' : `is at ${newestOf(versions).to}`
    throw new StoreError('out of order', `expected zone ${zoneId} at ${serial}, it ${stored}`)
  }

  #put(versions: Versions): Committed {
    this.#zones.set(versions.base.zoneId, versions)
    return stand(versions)
  }

  #baseOf({ zoneId, serial, soa, recordCount, at, segments }: Checkpoint): Base {
    const kept = segments.map((segment) => {
      const octets = 'octets' in segment ? segment.octets.slice() : this.#find(zoneId, segment.hash)
      const { firstOwner, recordCount: count } = segment
      return { firstOwner: firstOwner.slice(), recordCount: count, octets, hash: segmentHash(octets) }
    })
    return { zoneId, serial, soa: soa.slice(), recordCount, at, segments: kept }
  }

  #find(zoneId: string, hash: Uint8Array): Uint8Array {
    const segments = [...(this.#zones.get(zoneId)?.base.segments ?? []), ...[...this.#stages.values()].flat()]
    const known = segments.find((segment) => octetsEqual(segment.hash, hash))
    if (known !== undefined) return known.octets
    throw new StoreError('out of order', `a segment is named that zone ${zoneId} does not have`)
  }
}

const withoutOctets = ({ firstOwner, recordCount, hash }: KnownSegment): KnownSegment => ({
  firstOwner,
  recordCount,
  hash,
})

function linkOf({ serial, soa, recordCount, at }: VersionCommit, { from, octets }: Difference): Link {
  return { from, to: serial, octets: octets.slice(), soa: soa.slice(), recordCount, at }
}

/** The newest version: where the last difference leads, or the base. */
function newestOf({ base, since }: Versions): Pick<Link, 'to' | 'soa' | 'recordCount' | 'at'> {
  return since.at(-1) ?? { ...base, to: base.serial }
}

const weight = (runs: readonly { readonly octets: Uint8Array }[]): number =>
  runs.reduce((sum, { octets }) => sum + octets.length, 0)

function stand({ base, since }: Versions): Committed {
  const stands = { baseOctets: weight(base.segments), differenceCount: since.length, differenceOctets: weight(since) }
  return { ...stands, checkpointDue: isCheckpointDue(stands) }
}
