/** Zones that are edited, without threads and disks: the real contents, made by the real edits. */

import { parseName } from '../../src/dns/name.ts'
import type { EditOutcome } from '../../src/engine/edit-port.ts'
import type { Id } from '../../src/engine/object-id.ts'
import type { RecordReader } from '../../src/engine/runtime.ts'
import { PRIMARY_DEFAULTS } from '../../src/engine/settings.ts'
import { defaultDnsSettings, zoneFrame } from '../../src/engine/zone-frames.ts'
import type { Change, DnsSettings, Zone } from '../../src/store/objects.ts'
import { Arena } from '../../src/zone/arena.ts'
import { type Contents, countsOf, recordsFrom, serialOf, soaOf } from '../../src/zone/contents.ts'
import { Edit } from '../../src/zone/edit.ts'
import { editRecords, type EditStep, type Scope } from '../../src/zone/edit-records.ts'
import { editedFrom, editedOf, findEdited } from '../../src/zone/edited-record.ts'
import { storeRecord } from '../../src/zone/stored-form.ts'
import { nextSerial, soaRecord } from '../../src/zone/zone-frame.ts'
import { soaFacts } from '../../src/protocol/soa-facts.ts'
import { TO_RDATA } from '../../src/zone/stored-record.ts'

interface EditedZone {
  readonly zone: Zone
  contents: Contents | undefined
  versions: number
}

export class EditedZones {
  /** Everything that was to become true with an edit. */
  readonly changes: Change[] = []
  /** Addresses of proxies. */
  proxyAddresses: string[] = []
  dnsSettings: DnsSettings = defaultDnsSettings('counter')
  readonly #arena = new Arena()
  readonly #zones = new Map<Id, EditedZone>()

  add(zone: Zone): void {
    this.#zones.set(zone.id, { zone, contents: undefined, versions: 0 })
    this.edit(zone.id, { steps: [] })
  }

  edit(
    zoneId: Id,
    {
      steps,
      changes = [],
      scope = 'touched',
    }: { steps: readonly EditStep[]; changes?: readonly Change[]; scope?: Scope },
  ): EditOutcome | undefined {
    const edited = this.#zones.get(zoneId)
    if (edited === undefined) return undefined
    const apex = parseName(edited.zone.name)
    const settings = { primary: { ...PRIMARY_DEFAULTS, proxyAddresses: this.proxyAddresses } }
    const frame = zoneFrame({
      zone: edited.zone,
      dns: this.dnsSettings,
      settings,
      dnsOnly: false,
      flattened: new Map(),
    })
    const edit = new Edit(this.#arena, edited.contents, apex)
    const first = edited.contents === undefined
    const misfit = editRecords(edit, steps, { frame, scope: first ? 'all' : scope })
    if (misfit !== undefined) {
      edit.abort()
      return misfit
    }
    const serial = nextSerial(frame.serial, edited.contents && serialOf(edited.contents), 0)
    edit.setSoa(storeRecord(soaRecord(apex, frame, serial), apex))
    edited.contents = edit.commit().contents
    edited.versions++
    this.changes.push(...changes)
    const { octets, at, end } = soaOf(edited.contents)
    return { type: 'edited', soa: soaFacts(octets, at + TO_RDATA, end), findings: [] }
  }

  records(zoneId: Id): RecordReader | undefined {
    const { contents, zone, versions } = this.#zones.get(zoneId) ?? {}
    if (contents === undefined || zone === undefined) return undefined
    const apex = parseName(zone.name)
    const { editedRecords } = countsOf(contents)
    return {
      edited: true,
      apex,
      version: versions ?? 0,
      recordCount: editedRecords,
      records: (from) => editedFrom(contents, from, editedRecords),
      recordsOf: (owner) => editedOf(contents, owner, owner.length - apex.length),
      byId: (id) => findEdited(contents, id),
      release() {},
    }
  }

  served(zoneId: Id): RecordReader | undefined {
    const { contents, zone, versions } = this.#zones.get(zoneId) ?? {}
    if (contents === undefined || zone === undefined) return undefined
    const records = function* (from: number) {
      if (from === 0) yield soaOf(contents)
      yield* recordsFrom(contents, Math.max(from - 1, 0))
    }
    return {
      edited: false,
      apex: parseName(zone.name),
      version: versions ?? 0,
      recordCount: countsOf(contents).records + 1,
      records,
      recordsOf: () => [],
      byId: () => undefined,
      release() {},
    }
  }
}
