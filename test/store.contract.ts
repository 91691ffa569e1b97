/** What every store promises. The same sentences for memory, SQLite, and SQLite behind its thread. */

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toSerial } from '../src/dns/serial.ts'
import type { Account, AuditLine, Tsig, Zone } from '../src/store/objects.ts'
import { Secret } from '../src/store/secret.ts'
import type { DifferenceVersion, FullVersion, Segment, Store, TransferRecord } from '../src/store/store.ts'
import { type WholeVersion, wholeVersion } from './whole-version.ts'

/** One disk: what was stored in it is there when it is opened again. */
export interface Disk {
  open(): Promise<Store>
  /** Frees everything; the stores are closed. */
  remove(): Promise<void>
}

const DAY = 86_400_000
const octets = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))
const text = (run: Uint8Array): string => Buffer.from(run).toString()
const id = (number: number): string => number.toString(16).padStart(32, '0')

const account: Account = { id: id(1), name: 'Example', createdOn: '2026-11-21T10:00:00Z' }
const zone: Zone = {
  id: id(2),
  accountId: account.id,
  name: 'example.org',
  type: 'secondary',
  status: 'active',
  paused: false,
  nameServers: ['ns1.example.net', 'ns2.example.net'],
  createdOn: '2026-11-21T10:00:00Z',
  modifiedOn: '2026-11-21T10:00:00Z',
  activatedOn: null,
}
const key: Tsig = {
  id: id(3),
  accountId: account.id,
  name: 'key.example.',
  algo: 'hmac-sha256.',
  secret: new Secret('bm90IHJlYWxseSBhIHNlY3JldA=='),
}

/** A version whose contents are the given runs, one per segment. */
function full(serial: number, runs: readonly string[], more: Partial<FullVersion> = {}): FullVersion {
  const segments = runs.map((run) => ({ firstOwner: octets(run.slice(0, 1)), recordCount: 1, octets: octets(run) }))
  const head = { zoneId: zone.id, serial: toSerial(serial), soa: octets(`soa ${serial}`), at: serial }
  return { ...head, recordCount: runs.length, base: 'full', segments, ...more }
}

/** A version that follows another. */
function step(from: number, serial: number, more: Partial<DifferenceVersion> = {}): DifferenceVersion {
  const head = { zoneId: zone.id, serial: toSerial(serial), soa: octets(`soa ${serial}`), at: serial, recordCount: 7 }
  const difference = { from: toSerial(from), octets: octets(`${from}→${serial}`) }
  return { ...head, base: 'difference', difference, ...more }
}

const transfer = (zoneId: string, at: number): TransferRecord => ({
  zoneId,
  at,
  ms: 12,
  direction: 'in',
  peer: '192.0.2.1:53',
  trigger: 'notify',
  asked: 'IXFR',
  form: 'AXFR',
  outcome: 'done',
  fromSerial: 4_000_000_000,
  toSerial: 4_000_000_001,
  messages: 1,
  records: 2,
  octets: 300,
})

/** Serial, base and differences of a version, readable. */
function shape(version: WholeVersion | undefined): unknown {
  if (version === undefined) return undefined
  const { serial, soa, base, differences } = version
  return {
    serial,
    soa: text(soa),
    base: base.serial,
    runs: base.segments.map((segment) => text(segment.octets)),
    steps: differences.map((difference) => text(difference.octets)),
  }
}

/** Runs the contract on disks that `create` makes. */
export function storeContract(name: string, create: () => Promise<Disk>): void {
  describe(`the ${name} store`, () => {
    let disk: Disk
    let store: Store

    beforeEach(async () => {
      disk = await create()
      store = await disk.open()
    })

    afterEach(async () => {
      await store.close()
      await disk.remove()
    })

    const reopen = async () => {
      await store.close()
      store = await disk.open()
    }

    describe('objects', () => {
      test('come back as they were put', async () => {
        await store.change([
          { put: 'account', object: account },
          { put: 'zone', object: zone },
          { put: 'timers', object: { zoneId: zone.id, state: { phase: 'waiting', refreshAt: 5 } } },
          { put: 'setting', object: { name: 'zones.paused', value: ['example.org'] } },
        ])
        await reopen()
        expect(await store.objects('account')).toEqual([account])
        expect(await store.objects('zone')).toEqual([zone])
        expect(await store.objects('timers')).toEqual([{ zoneId: zone.id, state: { phase: 'waiting', refreshAt: 5 } }])
        expect(await store.objects('setting')).toEqual([{ name: 'zones.paused', value: ['example.org'] }])
        expect(await store.objects('peer')).toEqual([])
      })

      test('are found by what is searched, in the order of their ids', async () => {
        const other = { ...zone, id: id(1), name: 'example.net' }
        await store.change([
          { put: 'zone', object: zone },
          { put: 'zone', object: other },
        ])
        expect(await store.objects('zone')).toEqual([other, zone])
        expect(await store.objects('zone', { name: 'example.org' })).toEqual([zone])
        expect(await store.objects('zone', { id: other.id, accountId: account.id })).toEqual([other])
        expect(await store.objects('zone', { name: 'example.org', id: other.id })).toEqual([])
        await expect(store.objects('zone', { status: 'active' } as object)).rejects.toThrow('found by status')
      })

      test('are replaced by id, and removed by it', async () => {
        await store.change([{ put: 'zone', object: zone }])
        await store.change([{ put: 'zone', object: { ...zone, paused: true } }])
        expect(await store.objects('zone')).toEqual([{ ...zone, paused: true }])
        await store.change([
          { remove: 'zone', id: zone.id },
          { remove: 'zone', id: zone.id },
        ])
        expect(await store.objects('zone')).toEqual([])
      })

      test('that were handed out or in are copies', async () => {
        const nameServers = ['ns1.example.net']
        await store.change([{ put: 'zone', object: { ...zone, nameServers } }])
        nameServers.push('ns2.example.net')
        const [first] = await store.objects('zone')
        assert(first)
        ;(first.nameServers as string[]).push('ns3.example.net')
        expect((await store.objects('zone'))[0]?.nameServers).toEqual(['ns1.example.net'])
      })

      test('a TSIG secret comes back, and prints as [secret]', async () => {
        await store.change([{ put: 'tsig', object: key }])
        await reopen()
        const [found] = await store.objects('tsig', { name: 'key.example.' })
        assert(found)
        expect(found.secret.reveal()).toBe(key.secret.reveal())
        expect(found).toMatchObject({ id: key.id, accountId: key.accountId, algo: key.algo })
        expect([JSON.stringify(found), inspect(found), String(found.secret)].join()).not.toContain(key.secret.reveal())
        expect(JSON.stringify(found)).toContain('"secret":"[secret]"')
      })
    })

    describe('versions', () => {
      test('a full version comes back whole', async () => {
        expect(await wholeVersion(store, zone.id)).toBeUndefined()
        const committed = await store.commitVersion(full(7, ['aaa', 'bb']))
        expect(committed).toEqual({ baseOctets: 5, differenceCount: 0, differenceOctets: 0, checkpointDue: false })
        await reopen()
        const version = await wholeVersion(store, zone.id)
        expect(shape(version)).toEqual({ serial: 7, soa: 'soa 7', base: 7, runs: ['aaa', 'bb'], steps: [] })
        expect(version?.recordCount).toBe(2)
        expect(version?.at).toBe(7)
        expect(version?.base.segments.map(({ firstOwner, hash: sum }) => [text(firstOwner), text(sum)])).toEqual([
          ['a', text(hash('sha256', octets('aaa'), 'buffer'))],
          ['b', text(hash('sha256', octets('bb'), 'buffer'))],
        ])
      })

      test('SN-04 IC-14 serials of 2^31 and above, and the wrap behind them, survive a restart', async () => {
        await store.commitVersion(full(4_000_000_000, ['a']))
        await store.commitVersion(step(4_000_000_000, 4_294_967_295))
        await store.commitVersion(step(4_294_967_295, 0))
        await store.commitVersion(step(0, 1))
        await reopen()
        expect(shape(await wholeVersion(store, zone.id))).toEqual({
          serial: 1,
          soa: 'soa 1',
          base: 4_000_000_000,
          runs: ['a'],
          steps: ['4000000000→4294967295', '4294967295→0', '0→1'],
        })
        expect((await store.versions())[0]).toMatchObject({ zoneId: zone.id, serial: 1, recordCount: 7, at: 1 })
        expect(await store.differences(zone.id, toSerial(4_294_967_295))).toHaveLength(2)
      })

      test('an incremental version costs a difference, which is replayed on the base', async () => {
        await store.commitVersion(full(1, ['base']))
        expect(await store.commitVersion(step(1, 2))).toMatchObject({ baseOctets: 4, differenceCount: 1 })
        expect(await store.commitVersion(step(2, 3))).toMatchObject({ differenceCount: 2, differenceOctets: 10 })
        const version = await wholeVersion(store, zone.id)
        expect(shape(version)).toEqual({ serial: 3, soa: 'soa 3', base: 1, runs: ['base'], steps: ['1→2', '2→3'] })
        expect(version).toMatchObject({ recordCount: 7, at: 3, base: { recordCount: 1 } })
        expect(version?.differences.map(({ from, to }) => [from, to])).toEqual([
          [1, 2],
          [2, 3],
        ])
      })

      test('a difference that does not follow the newest version is refused', async () => {
        await expect(store.commitVersion(step(1, 2))).rejects.toMatchObject({ code: 'out of order' })
        await store.commitVersion(full(5, ['a']))
        await expect(store.commitVersion(step(4, 6))).rejects.toMatchObject({ code: 'out of order' })
        await expect(store.commitVersion(full(6, ['b'], { difference: step(4, 6).difference }))).rejects.toMatchObject({
          code: 'out of order',
        })
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 5, steps: [] })
      })

      test('a refused version takes its changes back with it, and nothing of its neighbours', async () => {
        await store.commitVersion(full(5, ['a']))
        const outcomes = await Promise.allSettled([
          store.change([{ put: 'account', object: account }]),
          store.commitVersion({ ...step(4, 6), changes: [{ put: 'zone', object: zone }] }),
          store.commitVersion(step(5, 6)),
        ])
        expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        await reopen()
        expect(await store.objects('account')).toHaveLength(1)
        expect(await store.objects('zone')).toEqual([])
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 6, steps: ['5→6'] })
      })

      test('timers and the log are committed with the version', async () => {
        const timers = { zoneId: zone.id, state: 9 }
        await store.commitVersion({
          ...full(5, ['a']),
          changes: [{ put: 'timers', object: timers }],
          transfer: transfer(zone.id, 5),
        })
        await reopen()
        expect(await store.objects('timers')).toEqual([timers])
        expect(await store.listTransfers({ limit: 10 })).toHaveLength(1)
      })

      test('a checkpoint moves the base, and keeps the history', async () => {
        await store.commitVersion(full(1, ['one', 'two', 'three']))
        await store.commitVersion(step(1, 2))
        const old = await wholeVersion(store, zone.id)
        const [first, , third] = old?.base.segments ?? []
        assert(first && third)
        const known = [first, third].map(({ firstOwner, recordCount, hash: sum }) => ({
          firstOwner,
          recordCount,
          hash: sum,
        }))
        const fresh = { firstOwner: octets('z'), recordCount: 4, octets: octets('zwei') }
        const { base: _, ...two } = full(2, [])
        expect(await store.checkpoint({ ...two, segments: [known[0] as never, fresh, known[1] as never] })).toEqual({
          baseOctets: 12,
          differenceCount: 0,
          differenceOctets: 0,
          checkpointDue: false,
        })
        await store.commitVersion(step(2, 3))
        await reopen()
        expect(shape(await wholeVersion(store, zone.id))).toEqual({
          serial: 3,
          soa: 'soa 3',
          base: 2,
          runs: ['one', 'zwei', 'three'],
          steps: ['2→3'],
        })
        expect((await store.differences(zone.id, toSerial(1)))?.map((difference) => text(difference.octets))).toEqual([
          '1→2',
          '2→3',
        ])
      })

      test('a checkpoint may name the segment of a short zone by its hash', async () => {
        await store.commitVersion(full(1, ['one']))
        const [one] = (await wholeVersion(store, zone.id))?.base.segments ?? []
        assert(one)
        const { base: _, segments, ...rest } = full(1, ['two'])
        const { octets: __, ...known } = one
        await store.checkpoint({ ...rest, segments: [known, ...segments] })
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ runs: ['one', 'two'] })
        await expect(
          store.checkpoint({ ...rest, segments: [{ ...known, hash: new Uint8Array(32) }] }),
        ).rejects.toMatchObject({ code: 'out of order' })
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ runs: ['one', 'two'] })
      })

      test('a checkpoint of a version that is not the newest any more is refused', async () => {
        await store.commitVersion(full(1, ['one']))
        await store.commitVersion(step(1, 2))
        const { base: _, ...one } = full(1, ['one'])
        await expect(store.checkpoint(one)).rejects.toMatchObject({ code: 'out of order' })
      })

      test('a checkpoint is due when the differences weigh half of the base', async () => {
        await store.commitVersion(full(1, ['x'.repeat(20_000)]))
        const heavy = (from: number) => ({ from: toSerial(from), octets: new Uint8Array(6000) })
        expect((await store.commitVersion(step(1, 2, { difference: heavy(1) }))).checkpointDue).toBe(false)
        expect((await store.commitVersion(step(2, 3, { difference: heavy(2) }))).checkpointDue).toBe(true)
      })

      test('a version may consist of segments that were staged before it', async () => {
        const staged = (await store.stage('a', full(1, ['one', 'two'.repeat(9000)]).segments as Segment[])).concat(
          await store.stage('a', full(1, ['three']).segments as Segment[]),
        )
        expect(await wholeVersion(store, zone.id)).toBeUndefined()
        const four = full(1, ['four']).segments
        await store.commitVersion(full(1, [], { segments: [...staged, ...four] }))
        await store.unstage('a')
        const runs = ['one', 'two'.repeat(9000), 'three', 'four']
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ runs })
        await reopen()
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ runs })
      })

      test('what was staged and is named by nothing is gone with its stage, and not before', async () => {
        const [one] = await store.stage('a', full(1, ['one']).segments as Segment[])
        const [same] = await store.stage('b', full(1, ['one']).segments as Segment[])
        assert(one && same)
        await store.commitVersion(full(1, [], { segments: [one] }))
        await store.commitVersion(full(2, ['two']))
        await store.unstage('a')
        await store.commitVersion(full(3, [], { segments: [same] }))
        await store.commitVersion(full(4, ['two']))
        await store.unstage('b')
        await store.unstage('of nobody')
        const lost = store.commitVersion(full(5, [], { segments: [one] }))
        await expect(lost).rejects.toMatchObject({ code: 'out of order' })
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 4, runs: ['two'] })
      })

      test('a stage does not outlive the store', async () => {
        const [one] = await store.stage('a', full(1, ['one']).segments as Segment[])
        assert(one)
        await reopen()
        const lost = store.commitVersion(full(1, [], { segments: [one] }))
        await expect(lost).rejects.toMatchObject({ code: 'out of order' })
      })

      test('long segments, equal ones and an empty zone come back', async () => {
        const long = 'record '.repeat(20_000)
        await store.commitVersion(full(1, [long, 'short', long]))
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ runs: [long, 'short', long] })
        await store.commitVersion(full(2, []))
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 2, runs: [] })
        await store.commitVersion(full(3, [long]))
        await store.commitVersion(full(4, ['short']))
        await store.commitVersion(full(5, [long, 'short']))
        await reopen()
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 5, runs: [long, 'short'] })
      })

      test('two segments may be the same octets', async () => {
        const run = new Uint8Array(20_000).fill(7)
        const segments = [1, 2].map((first) => ({ firstOwner: Uint8Array.of(first), recordCount: 1, octets: run }))
        await store.commitVersion(full(1, [], { segments }))
        const version = await wholeVersion(store, zone.id)
        expect(version?.base.segments.map((segment) => segment.octets.length)).toEqual([20_000, 20_000])
      })

      test('segments may lie in shared memory, or in the middle of another buffer', async () => {
        const shared = new Uint8Array(new SharedArrayBuffer(10_000)).fill(1)
        const middle = new Uint8Array(30_000).fill(2).subarray(10_000, 20_000)
        const segments = [shared, middle].map((run) => ({
          firstOwner: run.subarray(0, 1),
          recordCount: 1,
          octets: run,
        }))
        await store.commitVersion(full(1, [], { segments, soa: middle.subarray(0, 3) }))
        const version = await wholeVersion(store, zone.id)
        expect(version?.soa).toEqual(Uint8Array.of(2, 2, 2))
        expect(version?.base.segments.map((segment) => [segment.octets.length, segment.octets[9999]])).toEqual([
          [10_000, 1],
          [10_000, 2],
        ])
        expect(middle.length).toBe(10_000)
      })

      test('a zone that was removed has no version, and may come again', async () => {
        await store.commitVersion(full(1, ['one', 'two']))
        await store.commitVersion(step(1, 2))
        await store.addTransfer(transfer(zone.id, 1))
        await store.removeZone(zone.id)
        await store.removeZone(zone.id)
        expect(await wholeVersion(store, zone.id)).toBeUndefined()
        expect(await store.versions()).toEqual([])
        expect(await store.history(zone.id)).toEqual([])
        expect(await store.differences(zone.id, toSerial(1))).toBeUndefined()
        expect(await store.listTransfers({ zoneId: zone.id, limit: 5 })).toEqual([])
        await store.commitVersion(full(1, ['new']))
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 1, runs: ['new'] })
      })

      test('versions of many zones do not mix', async () => {
        const zones = Array.from({ length: 50 }, (_, at) => id(100 + at))
        await Promise.all(zones.map((zoneId, at) => store.commitVersion({ ...full(at, [`run ${at}`]), zoneId })))
        await Promise.all(
          zones
            .filter((_, at) => at % 2 === 0)
            .map((zoneId, at) => store.commitVersion({ ...step(2 * at, 1000), zoneId })),
        )
        await reopen()
        const found = await Promise.all(zones.map((zoneId) => wholeVersion(store, zoneId)))
        for (const [at, version] of found.entries()) {
          assert.equal(version?.serial, at % 2 === 0 ? 1000 : at)
          assert.equal(text(version?.base.segments[0]?.octets as Uint8Array), `run ${at}`)
        }
        expect((await store.versions()).map(({ zoneId }) => zoneId).toSorted()).toEqual(zones)
      })
    })

    describe('history', () => {
      const chain = async (to: number) => {
        await store.commitVersion(full(1, ['one']))
        for (let serial = 2; serial <= to; serial++) await store.commitVersion(step(serial - 1, serial))
      }

      test('a backlog that has ended reaches back to its end, whatever the serials, and the zone is there as before', async () => {
        await store.commitVersion(full(1, ['one']))
        await store.commitVersion(step(1, 2))
        await store.commitVersion({ ...step(2, 3), changes: [{ endBacklog: zone.id }] })
        const lengthsFrom = async (...serials: number[]) =>
          Promise.all(serials.map(async (serial) => (await store.differences(zone.id, toSerial(serial)))?.length))
        expect(await lengthsFrom(1, 2, 3)).toEqual([undefined, undefined, 0])
        await store.commitVersion(step(3, 1))
        await reopen()
        expect(await lengthsFrom(2, 3, 1)).toEqual([undefined, 1, 0])
        const { base: _, ...one } = full(1, ['new'])
        await store.checkpoint(one)
        await store.commitVersion(step(1, 5))
        expect(await lengthsFrom(2, 3, 1), 'of two versions with a serial the newer one counts').toEqual([
          undefined,
          2,
          1,
        ])
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 5, runs: ['new'], steps: ['1→5'] })
        await store.change([{ endBacklog: zone.id }])
        expect(await lengthsFrom(3, 1, 5)).toEqual([undefined, undefined, 0])
        await store.change([{ removeContents: zone.id }, { endBacklog: zone.id }])
        await store.commitVersion(full(1, ['one']))
        await store.commitVersion(step(1, 2))
        expect(await lengthsFrom(1, 2)).toEqual([1, 0])
      })

      test('differences lead from any serial of the chain to the newest version', async () => {
        await chain(4)
        expect(await store.differences(zone.id, toSerial(4))).toEqual([])
        expect((await store.differences(zone.id, toSerial(2)))?.map(({ from, to }) => [from, to])).toEqual([
          [2, 3],
          [3, 4],
        ])
        expect(await store.differences(zone.id, toSerial(9))).toBeUndefined()
        expect(await store.differences(zone.id, toSerial(1), { octetsMax: 14 })).toBeUndefined()
        expect(await store.differences(zone.id, toSerial(1), { octetsMax: 15 })).toHaveLength(3)
        expect(await store.history(zone.id)).toEqual([
          { from: 1, to: 2, octets: 5, at: 2 },
          { from: 2, to: 3, octets: 5, at: 3 },
          { from: 3, to: 4, octets: 5, at: 4 },
        ])
      })

      test('a full version with a difference continues the chain, one without it ends it', async () => {
        await chain(3)
        await store.commitVersion(full(4, ['four'], { difference: step(3, 4).difference }))
        expect(await store.differences(zone.id, toSerial(1))).toHaveLength(3)
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ base: 4, runs: ['four'], steps: [] })
        await store.commitVersion(step(4, 5))
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 5, steps: ['4→5'] })
        await store.commitVersion(full(9, ['nine']))
        expect(await store.history(zone.id)).toEqual([])
        expect(await store.differences(zone.id, toSerial(5))).toBeUndefined()
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 9, steps: [] })
      })

      test('a serial that came twice leads on from the later place', async () => {
        await store.commitVersion(full(1, ['one']))
        for (const [from, to] of [
          [1, 2],
          [2, 3],
          [3, 2],
          [2, 5],
        ] as const)
          await store.commitVersion(step(from, to))
        expect((await store.differences(zone.id, toSerial(2)))?.map(({ to }) => to)).toEqual([5])
      })

      const policy = { countMax: 1000, octetsMax: 1e9, ageMsMax: 1e9 }
      const checkpoint = async (serial: number) => {
        const { base: _, ...version } = full(serial, ['now'])
        await store.checkpoint(version)
      }

      test.each([
        ['count', { ...policy, countMax: 2 }, 6],
        ['octets', { ...policy, octetsMax: 12 }, 6],
        ['age', { ...policy, ageMsMax: 3 }, 7],
      ])('is kept as far as the policy of %s goes', async (_, limited, now) => {
        await chain(6)
        await checkpoint(6)
        const kept = _ === 'age' ? 3 : 2
        expect(await store.pruneHistory(limited, now)).toBe(5 - kept)
        expect(await store.history(zone.id)).toHaveLength(kept)
        expect(await store.pruneHistory(limited, now)).toBe(0)
        await store.commitVersion(step(6, 7))
        await reopen()
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 7, base: 6, steps: ['6→7'] })
      })

      test('never loses what is to be replayed', async () => {
        await chain(4)
        await checkpoint(4)
        await store.commitVersion(step(4, 5))
        await store.commitVersion(step(5, 6))
        expect(await store.pruneHistory({ countMax: 0, octetsMax: 0, ageMsMax: 0 }, 1e9)).toBe(3)
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 6, base: 4, steps: ['4→5', '5→6'] })
        await checkpoint(6)
        expect(await store.pruneHistory({ countMax: 0, octetsMax: 0, ageMsMax: 0 }, 1e9)).toBe(2)
        await store.commitVersion(step(6, 7))
        expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 7, base: 6, steps: ['6→7'] })
        expect((await store.versions())[0]).toMatchObject({ differenceCount: 1 })
      })
    })

    describe('the log of transfers', () => {
      test('is listed newest first, by zone and by page', async () => {
        const ids: number[] = []
        for (let at = 1; at <= 5; at++) ids.push(await store.addTransfer(transfer(id(at % 2), at)))
        await reopen()
        const all = await store.listTransfers({ limit: 10 })
        expect(all.map(({ at }) => at)).toEqual([5, 4, 3, 2, 1])
        expect(all.map((found) => found.id)).toEqual(ids.toReversed())
        expect(all[0]).toEqual({ ...transfer(id(1), 5), id: ids[4] })
        expect((await store.listTransfers({ zoneId: id(1), limit: 2 })).map(({ at }) => at)).toEqual([5, 3])
        expect(
          (await store.listTransfers({ zoneId: id(1), before: ids[2] as number, limit: 2 })).map(({ at }) => at),
        ).toEqual([1])
        const out = await store.addTransfer({ ...transfer(id(1), 6), direction: 'out' })
        expect(
          (await store.listTransfers({ zoneId: id(1), direction: 'out', limit: 9 })).map((each) => each.id),
        ).toEqual([out])
        expect((await store.listTransfers({ direction: 'in', limit: 1 })).map(({ at }) => at)).toEqual([5])
      })

      test('is kept by count per zone and by age', async () => {
        for (let at = 1; at <= 6; at++) await store.addTransfer(transfer(id(at % 2), at * DAY))
        expect(await store.pruneTransfers({ countMax: 2, ageMsMax: 4 * DAY }, 7 * DAY)).toBe(2)
        expect((await store.listTransfers({ limit: 10 })).map(({ at }) => at / DAY)).toEqual([6, 5, 4, 3])
        expect(await store.pruneTransfers({ countMax: 1, ageMsMax: 99 * DAY }, 7 * DAY)).toBe(2)
        expect((await store.listTransfers({ limit: 10 })).map(({ at }) => at / DAY)).toEqual([6, 5])
      })
    })

    describe('the audit log', () => {
      const line = (at: number, accountId: string, more: Partial<AuditLine> = {}): { audit: AuditLine } => ({
        audit: { at, accountId, action: 'zone.create', ...more },
      })

      test('has a line for each change it came with, newest first, by account and zone', async () => {
        await store.change([{ put: 'zone', object: zone }, line(1, id(1), { zoneId: zone.id, tokenId: id(9) })])
        await store.change([line(2, id(2))])
        await store.commitVersion({ ...full(1, ['one']), changes: [line(3, id(1), { object: { name: 'www' } })] })
        await reopen()
        const lines = await store.listAudit({ accountId: id(1), limit: 10 })
        expect(lines.map(({ at }) => at)).toEqual([3, 1])
        expect(lines[0]).toEqual({ at: 3, accountId: id(1), action: 'zone.create', object: { name: 'www' }, id: 3 })
        expect(await store.listAudit({ accountId: id(1), limit: 10, before: 3 })).toHaveLength(1)
        expect(await store.listAudit({ accountId: id(1), limit: 1 })).toHaveLength(1)
        expect((await store.listAudit({ accountId: id(1), zoneId: zone.id, limit: 9 })).map(({ at }) => at)).toEqual([
          1,
        ])
        expect(await store.listAudit({ accountId: id(2), zoneId: zone.id, limit: 9 })).toEqual([])
      })

      test('has no line of what did not become true', async () => {
        await expect(store.commitVersion({ ...step(1, 2), changes: [line(1, id(1))] })).rejects.toMatchObject({
          code: 'out of order',
        })
        expect(await store.listAudit({ accountId: id(1), limit: 9 })).toEqual([])
      })

      test('forgets what is old', async () => {
        await store.change([line(1, id(1)), line(2, id(1)), line(3, id(1))])
        expect(await store.pruneAudit(3)).toBe(2)
        expect((await store.listAudit({ accountId: id(1), limit: 9 })).map(({ at }) => at)).toEqual([3])
      })
    })

    test('a secret of the server is kept, and its text travels nowhere else', async () => {
      expect(await store.secret('tls')).toBeUndefined()
      await store.setSecret('tls', new Secret('first'))
      await store.setSecret('tls', new Secret('second'))
      await reopen()
      const secret = await store.secret('tls')
      expect(secret?.reveal()).toBe('second')
      expect(inspect(secret)).toBe('[secret]')
    })

    describe('counts of questions', () => {
      const HOUR = 3_600_000
      const hour = (zoneId: string, at: number, rows = `${zoneId} ${at}`) => ({ zoneId, at: at * HOUR, rows })

      test('are kept by zone and hour, and replaced as the hour goes on', async () => {
        await store.putQuestions([hour(id(1), 2), hour(id(1), 1), hour(id(2), 1, 'ö'.repeat(5000))])
        await store.putQuestions([hour(id(1), 2, 'more')])
        await reopen()
        expect(await store.listQuestions({ zoneId: id(1), from: 0, until: 9 * HOUR })).toEqual([
          hour(id(1), 1),
          hour(id(1), 2, 'more'),
        ])
        expect(await store.listQuestions({ from: HOUR, until: 2 * HOUR })).toEqual([
          hour(id(1), 1),
          hour(id(2), 1, 'ö'.repeat(5000)),
        ])
        expect(await store.listQuestions({ zoneId: id(2), from: HOUR + 1, until: 9 * HOUR })).toEqual([])
      })

      test('go with their zone', async () => {
        await store.putQuestions([hour(id(1), 1), hour(id(2), 1)])
        await store.removeZone(id(1))
        expect(await store.listQuestions({ from: 0, until: 9 * HOUR })).toEqual([hour(id(2), 1)])
      })

      test('are kept by age, and by count from the newest back', async () => {
        await store.putQuestions([1, 2, 3, 4, 5, 6].map((at) => hour(id(at % 2), at)))
        const left = async () => (await store.listQuestions({ from: 0, until: 9 * HOUR })).map(({ at }) => at / HOUR)
        expect(await store.pruneQuestions({ countMax: 9, ageMsMax: 4 * HOUR }, 7 * HOUR)).toBe(2)
        expect(await left()).toEqual([3, 4, 5, 6])
        expect(await store.pruneQuestions({ countMax: 1, ageMsMax: 9 * HOUR }, 7 * HOUR)).toBe(3)
        expect(await left()).toEqual([6])
      })
    })

    test('a word for itself is kept', async () => {
      expect(await store.meta('instance')).toBeUndefined()
      await store.setMeta('instance', 'one')
      await store.setMeta('instance', 'two')
      await reopen()
      expect(await store.meta('instance')).toBe('two')
    })

    test('what was begun is finished before it closes, and nothing is taken afterwards', async () => {
      const begun = [store.setMeta('a', '1'), store.commitVersion(full(1, ['one']))]
      await store.close()
      await Promise.all(begun)
      await expect(store.meta('a')).rejects.toMatchObject({ code: 'closed' })
      await store.close()
      store = await disk.open()
      expect(await store.meta('a')).toBe('1')
      expect(shape(await wholeVersion(store, zone.id))).toMatchObject({ serial: 1 })
    })
  })
}
