import { expect, test } from 'vitest'
import { APEX } from '../../test/zone-model.ts'
import { settle, VirtualClock } from '../../test/doubles/virtual-clock.ts'
import { nameKey, parseName, printName, type Name } from '../dns/name.ts'
import { hexText } from '../dns/octets.ts'
import { parseZoneFile } from '../dns/zonefile/parser.ts'
import { MemoryStore } from '../store/memory.ts'
import { Arena } from '../zone/arena.ts'
import { countsOf, recordsFrom, recordsOfOwner, type Contents, type Stored } from '../zone/contents.ts'
import { Cursor } from '../zone/cursor.ts'
import { Edit } from '../zone/edit.ts'
import { editRecords, type EditStep } from '../zone/edit-records.ts'
import { editedFrom, editedOf, storeEdited } from '../zone/edited-record.ts'
import { storedOwner, storeRecord } from '../zone/stored-form.ts'
import { soaRecord, type AddressSet, type ZoneFrame } from '../zone/zone-frame.ts'
import { toSerial } from '../dns/serial.ts'
import { loadConfig } from './config.ts'
import { Flattener } from './flattener.ts'
import type { LookedUp } from './host-addresses.ts'
import type { Log } from './log.ts'
import type { ServedReader } from './runtime.ts'
import { defaultDnsSettings, zoneFrame } from './zone-frames.ts'

const HOUR = 3_600_000
const TTL = 300
const settings = loadConfig({ environment: {} })
const FRAME = zoneFrame({
  zone: { name: 'example.org', nameServers: ['ns1.ours.example'] },
  dns: defaultDnsSettings(),
  settings,
  dnsOnly: false,
  flattened: new Map(),
})
const EDGE = parseName('edge.example.net.')
const at = (last: number, ttl = TTL): AddressSet => ({ ipv4: [Uint8Array.of(192, 0, 2, last)], ipv6: [], ttl })
const known = (answer: AddressSet): ZoneFrame['flattened'] => new Map([[nameKey(EDGE), answer]])

/** Steps that add these records. */
function stepsOf(text: string, { proxied = false } = {}): readonly EditStep[] {
  return [...parseZoneFile(text, { origin: APEX, defaultTtl: 1 })].flatMap((item, n) =>
    'record' in item
      ? [{ add: storeEdited({ ...item.record, ...EXTRA, proxied, id: n.toString(16).padStart(32, '0') }, APEX) }]
      : [],
  )
}

/** A zone with these edited records, served as its frame says. */
function contentsOf(text: string, frame: Partial<ZoneFrame> = {}, { proxied = false } = {}): Contents {
  const edit = new Edit(new Arena(), undefined, APEX)
  expect(editRecords(edit, stepsOf(text, { proxied }), { frame: { ...FRAME, ...frame }, scope: 'all' })).toBeUndefined()
  edit.setSoa(storeRecord(soaRecord(APEX, FRAME, toSerial(1)), APEX))
  return edit.commit().contents
}

const EXTRA = { createdAt: 1, modifiedAt: 1, attributes: {} }

function readerOf(contents: Contents, { edited }: { readonly edited: boolean }): ServedReader {
  const { editedRecords, records } = countsOf(contents)
  return {
    edited,
    apex: APEX,
    version: 1,
    recordCount: edited ? editedRecords : records,
    records: (from) => (edited ? editedFrom(contents, from, editedRecords) : recordsFrom(contents, from)),
    recordsOf: (owner) => (edited ? editedOf(contents, owner, owner.length - APEX.length) : servedAt(contents, owner)),
    coveringOf: (owner) => coveringAt(contents, owner),
    byId: () => undefined,
    release: () => {},
  }
}

function* coveringAt({ arena, version }: Contents, owner: Name): Iterable<Stored> {
  const cursor = new Cursor(arena)
  cursor.openOverlay(version)
  yield* recordsOfOwner(cursor, owner, owner.length - APEX.length)
}

function* servedAt(contents: Contents, owner: Name): Iterable<Stored> {
  for (const stored of recordsFrom(contents)) {
    if (nameKey(storedOwner(stored.octets, stored.at, APEX)) === nameKey(owner)) yield stored
  }
}

/** A flattener in a world where everything is under control. */
function scene(zones: Record<string, Contents>) {
  const clock = new VirtualClock(HOUR)
  const store = new MemoryStore()
  const refreshes: { readonly zoneId: string; readonly owners: readonly string[]; readonly at: number }[] = []
  const state = {
    answer: at(1) as AddressSet | undefined,
    asked: 0,
    refresh: async () => true,
    running: 0,
    failures: [] as Error[],
    frame: {},
  }
  const find = async (): Promise<LookedUp> => {
    state.asked++
    return state.answer === undefined ? { type: 'failed', why: 'SERVFAIL' } : { type: 'found', addresses: state.answer }
  }
  const world = {
    addresses: { find, stop: () => {} },
    records: (zoneId: string) => zones[zoneId] && readerOf(zones[zoneId], { edited: true }),
    served: (zoneId: string) => zones[zoneId] && readerOf(zones[zoneId], { edited: false }),
    frame: (_zoneId: string, flattened: ZoneFrame['flattened']) => ({ ...FRAME, ...state.frame, flattened }),
    refresh: async (zoneId: string, owners: readonly Name[]) => {
      refreshes.push({ zoneId, owners: owners.map((owner) => printName(owner)), at: clock.now() })
      expect(++state.running, 'refreshes of the zone at once').toBe(1)
      return state.refresh().finally(() => state.running--)
    },
    store,
    settings,
    clock,
    log: { warn: () => {} } as unknown as Log,
    failed: (error: Error) => void state.failures.push(error),
  }
  return { clock, store, refreshes, state, flattener: new Flattener(world) }
}

const PLAIN = { apex: APEX, flattenAll: false }
const seconds = (refreshes: readonly { readonly at: number }[]) => refreshes.map((each) => (each.at - HOUR) / 1000)

test('owners whose refresh failed are tried again, ever more seldom, until it is done', async () => {
  const { clock, refreshes, state, flattener } = scene({ a: contentsOf('@ CNAME edge.example.net.') })
  let tries = 0
  state.refresh = async () => {
    if (++tries === 2) throw new Error('a bug')
    return tries === 5
  }
  void flattener.add('a', PLAIN)
  await clock.run(HOUR + 100_000)
  expect(seconds(refreshes)).toEqual([0, 1, 3, 7, 15])
  expect(refreshes.every(({ owners }) => owners.join() === 'example.org.')).toBe(true)
  expect(state.failures.map(({ message }) => message)).toEqual(['a bug'])
})

test('what changes while a refresh is under way waits for its end, and joins it if it fails', async () => {
  const { clock, refreshes, state, flattener } = scene({ a: contentsOf('@ CNAME edge.example.net.') })
  const first = Promise.withResolvers<boolean>()
  state.refresh = () => first.promise
  void flattener.add('a', PLAIN)
  await settle()
  state.answer = at(2)
  await clock.run(HOUR + TTL * 1000 + 1)
  expect(refreshes.length).toBe(1)
  state.refresh = async () => true
  first.resolve(false)
  await clock.run(HOUR + 2 * TTL * 1000 - 1)
  expect(seconds(refreshes)).toEqual([0, 301.001])
})

test('a zone that is gone is not tried again, nor one of a flattener that has stopped', async () => {
  const alias = contentsOf('@ CNAME edge.example.net.')
  for (const end of ['remove', 'stop'] as const) {
    for (const when of ['while it runs', 'in the pause']) {
      const { clock, refreshes, state, flattener } = scene({ a: alias })
      const first = Promise.withResolvers<boolean>()
      state.refresh = () => first.promise
      void flattener.add('a', PLAIN)
      await settle()
      if (when === 'in the pause') first.resolve(false)
      await settle()
      flattener[end]('a')
      first.resolve(false)
      await clock.run(2 * HOUR)
      expect(refreshes.length, `${end} ${when}`).toBe(1)
    }
  }
})

const ALL = { apex: APEX, flattenAll: true }
const stored = (answer: AddressSet) => ({
  put: 'flattened' as const,
  object: { target: printName(EDGE), ipv4: answer.ipv4.map(hexText), ipv6: [], ttl: answer.ttl },
})

test.each([
  ['at once, after it was taken up', true],
  ['at once, before anything is known of it', false],
])(
  'a zone that is gone through several times %s is followed all the same, and let go of with its end',
  async (_, isKnown) => {
    const { clock, store, state, refreshes, flattener } = scene({
      a: contentsOf('@ CNAME edge.example.net.', { flattened: known(at(1)) }),
    })
    await store.change([stored(at(1))])
    await flattener.load()
    if (isKnown) await flattener.add('a', PLAIN)
    await Promise.all([flattener.add('a', PLAIN), flattener.add('a', PLAIN), flattener.add('a', PLAIN)])
    state.answer = at(2)
    await clock.run(HOUR + TTL * 1000 + 1)
    expect(refreshes.map(({ owners }) => owners)).toEqual([['example.org.']])
    expect(await store.objects('flattened')).toHaveLength(1)
    flattener.remove('a')
    await settle()
    expect(await store.objects('flattened')).toEqual([])
  },
)

test('a zone that goes and comes back while it is gone through again is followed, and one that stays away is not', async () => {
  for (const isBack of [true, false]) {
    const { clock, store, state, refreshes, flattener } = scene({
      a: contentsOf('@ CNAME edge.example.net.', { flattened: known(at(1)) }),
    })
    await store.change([stored(at(1))])
    await flattener.load()
    await flattener.add('a', PLAIN)
    const again = [flattener.add('a', PLAIN), flattener.add('a', PLAIN)]
    flattener.remove('a')
    if (isBack) again.push(flattener.add('a', PLAIN))
    await Promise.all(again)
    expect(await store.objects('flattened')).toHaveLength(0)
    state.answer = at(2)
    await clock.run(2 * HOUR)
    const seen = seconds(refreshes)
    expect(
      seen.map((second) => second >= TTL),
      'with the first answer, and with the other',
    ).toEqual(isBack ? [false, true] : [])
  }
})

test('an answer that was stored with the version of one zone reaches the others that a crash came before', async () => {
  const text = '@ CNAME edge.example.net.\nwww CNAME edge.example.net.'
  const { clock, store, state, refreshes, flattener } = scene({
    kept: contentsOf(text, { flattened: known(at(2)) }),
    behind: contentsOf(text, { flattened: known(at(1)) }),
    without: contentsOf(text),
  })
  await store.change([stored(at(2))])
  state.answer = at(2)
  await flattener.load()
  for (const zoneId of ['kept', 'behind', 'without']) void flattener.add(zoneId, PLAIN)
  await clock.run(HOUR + 1)
  expect(refreshes.map(({ zoneId, owners }) => [zoneId, ...owners])).toEqual([
    ['behind', 'example.org.'],
    ['without', 'example.org.'],
  ])
})

test('a zone that begins to be edited here is flattened though all its targets are known', async () => {
  const flattenAll = true
  const { clock, state, refreshes, flattener } = scene({
    first: contentsOf('@ CNAME edge.example.net.', { flattened: known(at(1)) }),
    converted: contentsOf('www CNAME edge.example.net.\n@ TXT "x"', { flattenAll }),
  })
  state.frame = { flattenAll }
  void flattener.add('first', PLAIN)
  await clock.run(HOUR + 1000)
  const before = refreshes.length
  void flattener.add('converted', ALL)
  await clock.run(HOUR + 2000)
  expect(refreshes.slice(before).map(({ zoneId, owners }) => [zoneId, ...owners])).toEqual([
    ['converted', 'www.example.org.'],
  ])
})

test('at a start nothing is made anew that is served as it should be, whatever is served in its place', async () => {
  const proxies = { ipv4: [9, 8].map((last) => Uint8Array.of(192, 0, 2, last)), ipv6: [] }
  const flattened = known(at(1))
  const contents = {
    plain: contentsOf('@ CNAME edge.example.net.\n@ TXT "x"', { flattened, proxies }),
    shorter: contentsOf('@ 60 CNAME edge.example.net.', { flattened, proxies }),
    proxied: contentsOf('@ CNAME edge.example.net.', { flattened, proxies }, { proxied: true }),
    alias: contentsOf('www CNAME edge.example.net.', { flattened, proxies }),
  }
  const { clock, store, state, refreshes, flattener } = scene(contents)
  state.frame = { proxies }
  await store.change([stored(at(1))])
  await flattener.load()
  for (const zoneId of Object.keys(contents)) void flattener.add(zoneId, PLAIN)
  await clock.run(2 * HOUR)
  expect(refreshes).toEqual([])
})

test.each([
  ['an edit that asked before', '@ CNAME edge.example.net.'],
  ['an edit that asked before, of a name that was not to be flattened then', 'www CNAME edge.example.net.'],
])('all CNAME records are followed from when that is set, after %s', async (_, text) => {
  const contents = contentsOf('@ TXT "x"')
  const { clock, state, refreshes, flattener } = scene({ a: contents })
  const editOf = (line: string) => ({ steps: stepsOf(line), scope: 'touched' as const })
  await flattener.add('a', PLAIN)
  const early = editOf(text)
  const answers = await flattener.answersFor('a', early, PLAIN)
  await flattener.answersFor('a', { steps: [], scope: 'all' }, ALL)
  flattener.edited('a', early.steps, answers)
  const later = editOf('later CNAME edge.example.net.')
  flattener.edited('a', later.steps, await flattener.answersFor('a', later, ALL))
  await clock.run(HOUR + 1000)
  refreshes.splice(0)
  state.answer = at(2)
  await clock.run(HOUR + TTL * 1000 + 1000)
  const first = text.startsWith('@') ? 'example.org.' : 'www.example.org.'
  expect(refreshes.map(({ owners }) => owners)).toEqual([[first, 'later.example.org.']])
})

test('an edit of a zone in which nothing leads anywhere leaves nothing behind', async () => {
  const { clock, state, refreshes, flattener } = scene({ a: contentsOf('@ TXT "x"') })
  await flattener.add('a', PLAIN)
  const edit = { steps: stepsOf('www CNAME edge.example.net.'), scope: 'touched' as const }
  flattener.edited('a', edit.steps, await flattener.answersFor('a', edit, PLAIN))
  state.answer = at(2)
  await clock.run(2 * HOUR)
  expect(refreshes).toEqual([])
})

test('a target without an answer is asked for again as long as somebody uses it or waits for it, and no longer', async () => {
  const { clock, state, refreshes, flattener } = scene({ a: contentsOf('@ TXT "x"') })
  state.answer = undefined
  await flattener.add('a', PLAIN)
  const edit = { steps: stepsOf('@ CNAME edge.example.net.'), scope: 'touched' as const }
  const [refused, done] = [flattener.answersFor('a', edit, PLAIN), flattener.answersFor('a', edit, PLAIN)]
  expect((await refused).flattened.size).toBe(0)
  await clock.run(2 * HOUR)
  expect(state.asked, 'when it was needed').toBe(1)
  flattener.edited('a', edit.steps, await done)
  await clock.run(3 * HOUR)
  expect(state.asked, 'ever again').toBeGreaterThan(4)
  state.answer = at(1)
  await clock.run(4 * HOUR)
  expect(refreshes.map(({ owners }) => owners)).toEqual([['example.org.']])
})
