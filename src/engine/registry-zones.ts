/** The zones of the control plane. */

import type { Change, DnsSettings, Incoming, Zone } from '../store/objects.ts'
import { hexText } from '../dns/octets.ts'
import { holderOf } from './object-hold.ts'
import { instantText, type Id, type Instant } from './object-id.ts'
import { readZoneName } from './object-zone.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import type { RegistryState } from './registry-state.ts'
import { defaultDnsSettings } from './zone-frames.ts'
import { activeOverrides } from './registry-overrides.ts'
import { selectZones, type ZonePage, type ZoneQuery } from './zone-query.ts'

/** A zone as somebody asks for it. */
export interface ZoneDraft {
  readonly accountId: Id
  /** ASCII, in any case, with or without the final dot. */
  readonly name: string
  readonly type: Zone['type']
}

export class Zones {
  readonly #desk: Desk
  readonly #nameServers: Readonly<Record<Zone['type'], readonly string[]>>

  constructor(desk: Desk, nameServers: Readonly<Record<Zone['type'], readonly string[]>>) {
    this.#desk = desk
    this.#nameServers = nameServers
  }

  get count(): number {
    return this.#desk.state.zones.size
  }

  get(id: Id): Zone | undefined {
    return this.#desk.state.zones.get(id)
  }

  /** By its name as it is kept: A-labels in lower case, no final dot. */
  named(name: string): Zone | undefined {
    return this.#desk.state.zones.named(name)
  }

  /** All zones in order of their names. */
  all(): readonly Zone[] {
    return this.#desk.state.zones.sorted()
  }

  select(query: ZoneQuery): ZonePage {
    return selectZones(this.#desk.state, query)
  }

  /** One server answers for a name once, so the name must be free in all accounts. */
  create(draft: ZoneDraft): Promise<Outcome<Zone>> {
    return this.#desk.change((state) => {
      if (!state.accounts.has(draft.accountId)) {
        return refused('account-invalid', `there is no account "${draft.accountId}"`, '/account/id')
      }
      const name = readZoneName(draft.name)
      if (name.type === 'refused') return name
      const holder = holderOf(state, { name: name.value, accountId: draft.accountId }, this.#desk.now())
      if (holder !== undefined) {
        const text = `"${holder}" is held by another account, and "${name.value}" with it`
        return refused('zone-held', text, '/name')
      }
      if (state.zones.named(name.value) !== undefined) {
        return refused('zone-exists', `the zone "${name.value}" already exists`, '/name')
      }
      const now = instantText(this.#desk.now())
      const zone: Zone = {
        id: this.#desk.newId(),
        accountId: draft.accountId,
        name: name.value,
        type: draft.type,
        status: 'pending',
        paused: false,
        nameServers: this.#nameServers[draft.type],
        createdOn: now,
        modifiedOn: now,
        activatedOn: null,
      }
      return done({ value: zone, changes: [{ put: 'zone', object: zone }, ...defaultsFor(state, zone)] })
    })
  }

  /** Forgets the zone with its configuration, its contents and its past. */
  remove(id: Id): Promise<Outcome<Zone>> {
    return this.#desk.change((state) => {
      const zone = state.zones.get(id)
      if (zone === undefined) return unknownZone(id)
      return done({
        value: zone,
        changes: [
          ...KINDS_OF_ZONE.map((kind) => ({ remove: kind, id })),
          { removeContents: id },
          { remove: 'zone', id },
        ],
      })
    })
  }

  /** Paused stands for "without a proxy" at Cloudflare; the zone is answered for all the same. */
  setPaused(id: Id, paused: boolean): Promise<Outcome<Zone>> {
    return this.#desk.change((state) => {
      const zone = state.zones.get(id)
      if (zone === undefined) return unknownZone(id)
      const changed: Zone = { ...zone, paused, modifiedOn: instantText(this.#desk.now()) }
      return done({ value: changed, changes: [{ put: 'zone', object: changed }] })
    })
  }

  /** The zone has come and is answered for: from pending to active. What is active already stays as it is. */
  activate(id: Id): Promise<Outcome<Zone>> {
    return this.setStatus(id, 'active')
  }

  setStatus(id: Id, status: Zone['status']): Promise<Outcome<Zone>> {
    return this.#desk.change((state) => {
      const zone = state.zones.get(id)
      if (zone === undefined) return unknownZone(id)
      if (zone.status === status) return done({ value: zone, changes: [] })
      const changed = withStatus(zone, status, this.#desk.now())
      return done({ value: changed, changes: [{ put: 'zone', object: changed }] })
    })
  }

  /** The same for many zones in one change. Those that are gone, or active already, are left as they are. */
  activateAll(ids: readonly Id[]): Promise<Outcome<number>> {
    return this.#desk.change((state) => {
      const zones = ids.map((id) => state.zones.get(id)).filter((zone) => zone !== undefined)
      const changes = zones
        .filter(({ status }) => status !== 'active')
        .map((zone): Change => ({ put: 'zone', object: withStatus(zone, 'active', this.#desk.now()) }))
      return done({ value: changes.length, changes })
    })
  }

  /** The first transfer after a zone became secondary has replaced what it had. */
  cameFromPrimary(id: Id): Promise<Outcome<Zone>> {
    return this.#desk.change((state) => {
      const zone = state.zones.get(id)
      if (zone === undefined) return unknownZone(id)
      const { ownContents: _, ...changed } = zone
      return done({ value: changed, changes: [{ put: 'zone', object: changed }] })
    })
  }

  /**
   * Makes a zone secondary or full. It keeps its records and is served all the while. `apex` is what stands at the apex
   * of a zone that has come from a primary: of that settings are made. `overrides` are the edited records of a full zone,
   * in stored form, that go on as overrides; those of a secondary zone become edited records again.
   */
  convert(
    id: Id,
    type: Zone['type'],
    {
      apex,
      overrides = [],
    }: { readonly apex?: TransferredApex | undefined; readonly overrides?: readonly Uint8Array[] },
  ): Promise<Outcome<Zone>> {
    return this.#desk.change((state) => {
      const zone = state.zones.get(id)
      if (zone === undefined) return unknownZone(id)
      if (zone.type === type) return done({ value: zone, changes: [] })
      if ((state.incomings.get(id)?.peers.length ?? 0) > 0) {
        const text = 'unlink the peers of the zone first: the records of a full zone come from nowhere else'
        return refused('zone-linked', text, '/type')
      }
      const now = instantText(this.#desk.now())
      const { ownContents: _, ...rest } = zone
      const kept = type === 'secondary' ? { ownContents: true as const } : {}
      const nameServers = this.#nameServers[type]
      const after: Zone = { ...rest, type, nameServers, modifiedOn: now, ...kept }
      const changes: Change[] = [
        { put: 'zone', object: after },
        ...settingsFrom(state, { zone, ours: [...zone.nameServers, ...nameServers], apex }),
        { remove: 'incoming', id },
        { remove: 'timers', id },
        { endBacklog: id }, // not all that is handed on of the one type is of the other
        type === 'secondary' && overrides.length > 0
          ? { put: 'overrides', object: { zoneId: id, revision: 1, records: overrides.map(hexText) } }
          : { remove: 'overrides', id },
      ]
      const lifted = activeOverrides(state, zone)
      return done({ value: after, changes, version: { type: 'conversion', zoneId: id, before: zone, lifted } })
    })
  }

  incomingOf(id: Id): Incoming | undefined {
    return this.#desk.state.incomings.get(id)
  }
}

/** What stands at the apex of a zone that came from a primary. */
export interface TransferredApex {
  readonly soa: DnsSettings['soa']
  /** Without the final dot. */
  readonly nameServers: readonly string[]
}

/** The fields of the SOA record become settings, and nameservers of others those of another provider. */
function settingsFrom(
  state: RegistryState,
  {
    zone: { id: zoneId },
    ours,
    apex,
  }: { readonly zone: Zone; readonly ours: readonly string[]; readonly apex: TransferredApex | undefined },
): Change[] {
  if (apex === undefined) return []
  const before = state.zoneDnsSettings.get(zoneId) ?? defaultDnsSettings()
  const others = apex.nameServers.filter((name) => !ours.includes(name.toLowerCase()))
  const mname = apex.soa.mname !== null && ours.includes(apex.soa.mname.toLowerCase()) ? null : apex.soa.mname
  const settings = { ...before, multiProvider: before.multiProvider || others.length > 0, soa: { ...apex.soa, mname } }
  return [{ put: 'zoneDnsSettings', object: { ...settings, zoneId } }]
}

/** What is kept of a zone under its id. */
const KINDS_OF_ZONE = ['incoming', 'outgoing', 'timers', 'zoneDnsSettings', 'hold', 'overrides'] as const

/** The account's defaults become the settings of a new zone, and never those of an old one. */
function defaultsFor(state: RegistryState, { id: zoneId, accountId }: Zone): Change[] {
  const defaults = state.accountDnsSettings.get(accountId)?.zoneDefaults
  return defaults === undefined ? [] : [{ put: 'zoneDnsSettings', object: { zoneId, ...defaults } }]
}

function withStatus(zone: Zone, status: Zone['status'], at: Instant): Zone {
  const now = instantText(at)
  const { movedOn: _, ...rest } = zone
  return {
    ...rest,
    status,
    modifiedOn: now,
    activatedOn: status === 'active' ? (zone.activatedOn ?? now) : zone.activatedOn,
    ...(status === 'moved' && { movedOn: now }),
  }
}

export const unknownZone = (id: Id) => refused('zone-unknown', `there is no zone "${id}"`)
