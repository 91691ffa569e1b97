/**
 * Records that scans have found and nobody has looked at yet. They are kept in memory only: another scan finds them again.
 */

import { nameKey } from '../dns/name.ts'
import type { DnsRecord } from '../dns/message.ts'
import { lowerName, parseName } from '../dns/name.ts'
import type { Log } from '../engine/log.ts'
import { newId, type Id, type Instant } from '../engine/object-id.ts'
import { scanZone, type ScanOutcome, type ScanResolver } from '../engine/zone-scan.ts'
import type { Zone } from '../store/objects.ts'
import { type EditedRecord, TTL_AUTOMATIC } from '../zone/edited-record.ts'
import { TYPE } from '../zone/stored-record.ts'
import { ApiError } from './errors.ts'
import { TTL_MAX, whyNotEdited } from './record-draft.ts'

const ZONES_MAX = 1000
const SCANS_MAX = 4
const SCAN_MS = 60_000

export interface ScanWorld {
  /** Undefined where there is nobody to ask. */
  readonly resolver: ScanResolver | undefined
  readonly log: Log
  readonly now: () => Instant
  readonly ttlMin: number
  /** Where nameservers answer. */
  readonly port?: number
}

export class FoundRecords {
  readonly #world: ScanWorld
  /** By zone; the first was scanned longest ago. */
  readonly #found = new Map<Id, Map<Id, EditedRecord>>()
  readonly #running = new Map<Id, Promise<readonly EditedRecord[]>>()

  constructor(world: ScanWorld) {
    this.#world = world
  }

  /** Begins a scan, unless one of this zone runs; its records are there once it has ended. */
  start(zone: Zone): void {
    this.#scan(zone).then(
      () => undefined,
      (error: unknown) => this.#world.log.error({ err: error, zone: zone.name }, 'scan.failed'),
    )
  }

  /** Scans, and resolves to what was found. */
  scan(zone: Zone): Promise<readonly EditedRecord[]> {
    return this.#scan(zone)
  }

  of(zoneId: Id): readonly EditedRecord[] {
    return [...(this.#found.get(zoneId)?.values() ?? [])]
  }

  get(zoneId: Id, id: Id): EditedRecord | undefined {
    return this.#found.get(zoneId)?.get(id)
  }

  /** Forgets a record that somebody has decided about; says whether it was there. */
  remove(zoneId: Id, id: Id): boolean {
    const records = this.#found.get(zoneId)
    const removed = records?.delete(id) ?? false
    if (records?.size === 0) this.#found.delete(zoneId)
    return removed
  }

  #scan(zone: Zone): Promise<readonly EditedRecord[]> {
    const running = this.#running.get(zone.id)
    if (running !== undefined) return running
    const { resolver } = this.#world
    if (resolver === undefined) throw new ApiError('scan-unavailable')
    if (this.#running.size >= SCANS_MAX) throw new ApiError('scan-busy')
    const scan = this.#run(resolver, zone).finally(() => this.#running.delete(zone.id))
    this.#running.set(zone.id, scan)
    return scan
  }

  async #run(resolver: ScanResolver, zone: Zone): Promise<readonly EditedRecord[]> {
    const { log, port } = this.#world
    const startedAt = performance.now()
    const outcome = await scanZone(resolver, parseName(zone.name), {
      ours: zone.nameServers.map((name) => parseName(name)),
      signal: AbortSignal.timeout(SCAN_MS),
      ...(port !== undefined && { port }),
    })
    const records = this.#keep(zone, outcome)
    const ms = Math.round(performance.now() - startedAt)
    log.info({ zone: zone.name, outcome: outcome.type, records: records.length, ms }, 'scan.done')
    return records
  }

  #keep({ id, name }: Zone, outcome: ScanOutcome): readonly EditedRecord[] {
    const apexKey = nameKey(parseName(name))
    if (outcome.type !== 'scanned') return [] // what an earlier scan has found still waits for its review
    const records = outcome.records
      .filter(
        ({ type, owner }) => whyNotEdited(type) === undefined && !(type === TYPE.NS && nameKey(owner) === apexKey),
      )
      .map((record) => this.#edited(record))
    this.#found.delete(id)
    if (records.length > 0) this.#found.set(id, new Map(records.map((record) => [record.id, record])))
    for (const oldest of this.#found.keys()) {
      if (this.#found.size <= ZONES_MAX) break
      this.#found.delete(oldest)
    }
    return records
  }

  #edited({ owner, type, ttl, rdata }: DnsRecord): EditedRecord {
    const { now, ttlMin } = this.#world
    const at = now()
    const kept = ttl === TTL_AUTOMATIC ? ttl : Math.min(Math.max(ttl, ttlMin), TTL_MAX)
    const times = { createdAt: at, modifiedAt: at }
    return { id: newId(), owner: lowerName(owner), type, ttl: kept, rdata, proxied: false, ...times, attributes: {} }
  }
}
