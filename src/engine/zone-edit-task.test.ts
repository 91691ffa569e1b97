import { beforeEach, expect, test } from 'vitest'
import { assertSound } from '../../test/zone-soundness.ts'
import { parseName, type Name } from '../dns/name.ts'
import { MemoryStore } from '../store/memory.ts'
import { Arena } from '../zone/arena.ts'
import { countsOf, serialOf, type Contents } from '../zone/contents.ts'
import { DifferenceRecorder } from '../zone/difference.ts'
import { DirectoryWriter } from '../zone/directory.ts'
import { Edit } from '../zone/edit.ts'
import { storeEdited } from '../zone/edited-record.ts'
import type { EditStep } from '../zone/edit-records.ts'
import { RECORDS_PER_SLICE } from '../zone/slices.ts'
import { storeRecord } from '../zone/stored-form.ts'
import { soaRecord, type ZoneFrame } from '../zone/zone-frame.ts'
import { toSerial } from '../dns/serial.ts'
import { loadConfig } from './config.ts'
import type { EditOutcome, EditRequest } from './edit-port.ts'
import { ZoneEdits } from './zone-edit-task.ts'
import { ZoneShelf, type ShelvedZone } from './zone-shelf.ts'
import { defaultDnsSettings, zoneFrame } from './zone-frames.ts'

/** More records than are dealt with in one slice, whether they are counted once or twice. */
const MANY = RECORDS_PER_SLICE + 100
const LARGE = parseName('large.example.')
const SMALL = parseName('small.example.')

const frameOf = (apex: string, more: Partial<ZoneFrame> = {}): ZoneFrame => ({
  ...zoneFrame({
    zone: { name: apex, nameServers: ['ns1.ours.example'] },
    dns: defaultDnsSettings(),
    settings: loadConfig({ environment: {} }),
    dnsOnly: false,
    flattened: new Map(),
  }),
  ...more,
})

let ids = 0
function adding(apex: Name, label: string, octet = 1): EditStep {
  const id = (++ids).toString(16).padStart(32, '0')
  const owner = parseName(label, apex)
  const rdata = Uint8Array.of(192, 0, 2, octet)
  const edited = { id, owner, type: 1, ttl: 1, rdata, proxied: false, createdAt: 1, modifiedAt: 1, attributes: {} }
  return { add: storeEdited(edited, apex) }
}

let arena: Arena
let directory: DirectoryWriter
let shelf: ZoneShelf
let edits: ZoneEdits
let ended: string[]

beforeEach(async () => {
  arena = new Arena()
  directory = new DirectoryWriter(arena, { seed: 1 })
  const store = new MemoryStore()
  shelf = new ZoneShelf({ arena, directory, store, now: () => 0 })
  edits = new ZoneEdits({ arena, shelf, store, now: () => 0 })
  ended = []
  await shelf.adopt(1, 'large', LARGE)
  await shelf.adopt(2, 'small', SMALL)
})

const large = (): ShelvedZone => shelf.get(1) as ShelvedZone
const small = (): ShelvedZone => shelf.get(2) as ShelvedZone

async function run(what: string, zone: ShelvedZone, request: Partial<EditRequest>): Promise<EditOutcome> {
  const frame = frameOf(zone === large() ? 'large.example' : 'small.example')
  const outcome = await edits.run(zone, { steps: [], scope: 'touched', changes: [], frame, ...request })
  ended.push(what)
  return outcome
}

/** Gives the large zone its records, and both zones their first version. */
async function fill(): Promise<void> {
  await run('small', small(), {})
  const steps = Array.from({ length: MANY }, (_, n) => adding(LARGE, `h${n}`, n % 256))
  expect(await run('large', large(), { steps })).toMatchObject({ type: 'edited' })
  ended.length = 0
}

const SHORTER = { scope: 'all', frame: frameOf('large.example', { automaticTtl: 60 }) } as const

test('an edit of a whole large zone lets others be edited meanwhile, and its own wait', async () => {
  await fill()
  const outcomes = await Promise.all([
    run('whole', large(), SHORTER),
    run('next', large(), { steps: [adding(LARGE, 'new')], frame: SHORTER.frame }),
    run('other', small(), { steps: [adding(SMALL, 'www')] }),
  ])
  expect(ended).toEqual(['other', 'whole', 'next'])
  expect(outcomes).toMatchObject([{ soa: { serial: 2 } }, { soa: { serial: 3 } }, { soa: { serial: 2 } }])
  expect(countsOf(large().contents as Contents)).toMatchObject({ records: MANY + 2, editedRecords: MANY + 1 })
  assertSound(large().contents as Contents)
})

test('an edit that is little work keeps nobody waiting for a turn', async () => {
  await run('first', small(), {})
  let turns = 0
  const count = () => void (turns++, (counting = setImmediate(count)))
  let counting = setImmediate(count)
  await run('second', small(), { steps: [adding(SMALL, 'www')] })
  clearImmediate(counting)
  expect(turns).toBe(0)
})

/** Everything is as it was, and no page has been lost. */
async function expectUntouched(usedBefore: number): Promise<void> {
  directory.reclaim()
  expect(arena.use.usedOctets).toBe(usedBefore)
}

test('an edit whose zone is removed in between ends there, and leaves nothing', async () => {
  await run('small', small(), {})
  directory.reclaim()
  const before = arena.use.usedOctets
  shelf.drop(1)
  await shelf.adopt(1, 'large', LARGE)
  await fill()
  const edited = run('whole', large(), SHORTER)
  setImmediate(() => shelf.drop(1))
  expect(await edited).toMatchObject({ type: 'refused', reason: { code: 'cancelled' } })
  await shelf.adopt(1, 'large', LARGE)
  await expectUntouched(before)
})

test('an edit gives way to a version that came by another way, and can be made again', async () => {
  await fill()
  const edited = run('whole', large(), SHORTER)
  setImmediate(() => {
    const recorder = new DifferenceRecorder()
    const edit = new Edit(arena, large().contents, LARGE, { recorder })
    edit.setSoa(storeRecord(soaRecord(LARGE, frameOf('large.example'), toSerial(9)), LARGE))
    void shelf.publish(large(), { edit, difference: (from, to) => recorder.finish(from, to) })
  })
  expect(await edited).toMatchObject({ type: 'refused', reason: { code: 'cancelled' } })
  expect(serialOf(large().contents as Contents)).toBe(9)
  expect(await run('again', large(), SHORTER)).toMatchObject({ type: 'edited', soa: { serial: 10 } })
  assertSound(large().contents as Contents)
})

test('a large zone that changes hands lets others be edited meanwhile, both ways', async () => {
  await fill()
  const { frame } = SHORTER
  const hand = (to: 'full' | 'secondary') =>
    run(to, large(), { scope: 'all', frame, conversion: to === 'full' ? { to, nameServers: [], lifted: [] } : { to } })
  await Promise.all([hand('secondary'), run('other', small(), { steps: [adding(SMALL, 'a')] })])
  expect(countsOf(large().contents as Contents)).toMatchObject({ records: MANY + 1, editedRecords: 0 })
  await Promise.all([hand('full'), run('other', small(), { steps: [adding(SMALL, 'b')] })])
  expect(countsOf(large().contents as Contents)).toMatchObject({ records: MANY + 1, editedRecords: MANY + 1 })
  expect(ended).toEqual(['other', 'secondary', 'other', 'full'])
  assertSound(large().contents as Contents)
})

test('a zone that is renewed has a version more that serves the same, by the next serial whatever the policy', async () => {
  await run('first', small(), { steps: [adding(SMALL, 'www')] })
  const before = countsOf(small().contents as Contents)
  const frame = frameOf('small.example', { serial: 'date' })
  expect(await run('as it is', small(), {})).toMatchObject({ unchanged: true, soa: { serial: 1 } })
  expect(await run('renewed', small(), { frame, renew: true })).toMatchObject({ type: 'edited', soa: { serial: 2 } })
  expect(countsOf(small().contents as Contents)).toEqual(before)
})
