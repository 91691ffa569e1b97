/** Changes of a zone that exists: one member at a time, and the check whether it has become active. */

import Type, { type Static } from 'typebox'
import { nameFromWire, printName, type Name } from '../../dns/name.ts'
import { SOA } from '../../dns/records/soa.ts'
import type { TransferredApex } from '../../engine/registry-zones.ts'
import { type EditedRecord, storeEdited } from '../../zone/edited-record.ts'
import { readStoredRecord } from '../../zone/stored-form.ts'
import { TYPE } from '../../zone/stored-record.ts'
import type { Zone } from '../../store/objects.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../errors.ts'
import { withRecords } from '../contents.ts'
import { settled } from '../found.ts'
import { RecordSeen } from '../record-seen.ts'
import { Slices } from '../slices.ts'

/** What a client may try to change. */
export const ZoneChange = Type.Object({
  paused: Type.Optional(Type.Boolean()),
  type: Type.Optional(Type.String()),
  vanity_name_servers: Type.Optional(Type.Array(Type.String())),
  plan: Type.Optional(Type.Unknown()),
})

const MEMBERS = ['paused', 'type', 'vanity_name_servers', 'plan'] as const

/** The zone after the change. There are no plans, so any plan is the one the zone has. */
export async function changeZone(
  context: Pick<ApiContext, 'registry' | 'runtime' | 'editor'>,
  zone: Zone,
  change: Static<typeof ZoneChange>,
): Promise<Zone> {
  const [member, second] = MEMBERS.filter((each) => change[each] !== undefined)
  if (member === undefined || second !== undefined) {
    throw new ApiError('zone-change-not-single', { text: `expected exactly one of ${MEMBERS.join(', ')}` })
  }
  const { paused, type } = change
  if (paused !== undefined) return settled(await context.registry.zones.setPaused(zone.id, paused)).value
  // Nobody edits the zone between what is read of it and what becomes of that.
  if (type !== undefined) return context.editor.inTurn(zone.id, () => convertZone(context, zone, type))
  if (member === 'plan') return zone
  const text = 'vanity_name_servers cannot be changed: the names of all nameservers are settings of the server'
  throw new ApiError('zone-change-unsupported', { text, pointer: `/${member}` })
}

async function convertZone(
  { registry, runtime }: Pick<ApiContext, 'registry' | 'runtime'>,
  zone: Zone,
  type: string,
): Promise<Zone> {
  if (type !== 'full' && type !== 'secondary') {
    const text = `a ${zone.type} zone cannot become ${type}`
    throw new ApiError('zone-change-unsupported', { text, pointer: '/type' })
  }
  if (runtime.facts(zone.id)?.transfer !== undefined) throw new ApiError('zone-busy')
  const apex = zone.type === 'secondary' ? transferredApex(runtime, zone) : undefined
  const isKept = type === 'secondary' && registry.dnsSettings.ofZone(zone).secondaryOverrides
  const overrides = isKept ? await overridesFrom(runtime, zone) : []
  if (overrides.length > registry.overrides.most) {
    const text = `expected at most ${registry.overrides.most} records that become overrides, found ${overrides.length}`
    throw new ApiError('too-many-overrides', { text })
  }
  return settled(await registry.zones.convert(zone.id, type, { apex, overrides })).value
}

/** The records of a full zone that go on as overrides: those that are proxied, and a CNAME record at the apex. */
async function overridesFrom(runtime: ApiContext['runtime'], zone: Zone): Promise<Uint8Array[]> {
  if (zone.type !== 'full') return []
  return withRecords({ runtime }, zone, async (reader) => {
    const slices = new Slices()
    const seen = new RecordSeen(reader.apex)
    const found: Uint8Array[] = []
    for (const stored of reader.records(0)) {
      seen.look(stored)
      const isApexCname = seen.type === TYPE.CNAME && seen.name === zone.name
      if (seen.proxied || isApexCname) found.push(withoutNotes(seen, reader.apex))
      if (slices.isOver()) await slices.next()
    }
    return found
  })
}

/** Comments and tags are for full zones. */
function withoutNotes({ edited }: RecordSeen, apex: Name): Uint8Array {
  const { attributes, ...record } = edited as EditedRecord
  const { settings } = attributes
  return storeEdited({ ...record, attributes: settings === undefined ? {} : { settings } }, apex)
}

/** What the primary says at the apex; undefined for a zone that has not come. */
function transferredApex(runtime: ApiContext['runtime'], zone: Zone): TransferredApex | undefined {
  const reader = runtime.served(zone.id)
  if (reader === undefined && runtime.facts(zone.id)?.soaSerial !== undefined) throw new ApiError('contents-busy')
  if (reader === undefined) return undefined
  try {
    const records = Array.from(reader.recordsOf(reader.apex), ({ octets, at }) =>
      readStoredRecord(octets, at, reader.apex),
    )
    const soa = records.find((record) => record.type === TYPE.SOA)
    if (soa === undefined) return undefined
    const { mname, rname, refresh, retry, expire, minimum } = SOA.decode(soa.rdata)
    const text = (name: Name) => printName(name).slice(0, -1)
    return {
      soa: { mname: text(mname), rname: text(rname), refresh, retry, expire, minTtl: minimum, ttl: soa.ttl },
      nameServers: records
        .filter((record) => record.type === TYPE.NS)
        .map((record) => text(nameFromWire(record.rdata))),
    }
  } finally {
    reader.release()
  }
}
