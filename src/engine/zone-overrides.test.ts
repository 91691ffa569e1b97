import { expect, test } from 'vitest'
import { parseName, printName } from '../dns/name.ts'
import { hexText } from '../dns/octets.ts'
import type { DnsSettings, Overrides, Zone } from '../store/objects.ts'
import { storeEdited } from '../zone/edited-record.ts'
import type { Overlay } from '../zone/overlay.ts'
import { loadConfig } from './config.ts'
import type { FlattenedAnswers } from './flattener.ts'
import { defaultDnsSettings } from './zone-frames.ts'
import { ZoneOverrides, type ZoneOverridesWorld } from './zone-overrides.ts'

const APEX = parseName('example.')
const ZONE = { id: 'z', accountId: 'a', name: 'example', type: 'secondary', nameServers: [] } as unknown as Zone
const ON: DnsSettings = { ...defaultDnsSettings(), secondaryOverrides: true }

/** Overrides of these names, and a CNAME record at the apex for `@`. */
function made(...names: string[]): Overrides {
  const records = names.map((name, at) => {
    const isApex = name === '@'
    const owner = parseName(name, APEX)
    const rdata = isApex ? parseName('edge.test.') : Uint8Array.of(10, 0, 0, 1)
    const id = String(at).padStart(32, '0')
    const times = { createdAt: 0, modifiedAt: 0 }
    const record = { id, owner, type: isApex ? 5 : 1, ttl: 1, rdata, proxied: !isApex, ...times, attributes: {} }
    return hexText(storeEdited(record, APEX))
  })
  return { zoneId: 'z', revision: 1, records }
}

/** A zone that was taken up with an override of www. What the control plane says may change at any time. */
async function scene({ laid = [] as readonly Overlay[] } = {}) {
  const state = { zone: ZONE, dns: ON, dnsOnly: false, overrides: made('www') as Overrides | undefined }
  const covers: string[][] = []
  const heard: string[] = []
  const answers: FlattenedAnswers = { flattened: new Map(), changes: [], apex: APEX }
  const given = { answers, answersFor: async () => given.answers, failures: [] as Error[], storeFails: false }
  const settings = loadConfig({ environment: {} })
  const world: ZoneOverridesWorld = {
    registry: {
      overrides: { stored: () => state.overrides, areOn: () => true },
      dnsSettings: { ofZone: () => state.dns, isDnsOnly: () => state.dnsOnly },
    } as unknown as ZoneOverridesWorld['registry'],
    contents: {
      async cover(_zone: number, overlays: readonly Overlay[]) {
        covers.push(overlays.map(({ owner, records }) => `${printName(owner)} ${records.length}`))
      },
    },
    flattener: {
      add: async () => void heard.push('add'),
      remove: () => void heard.push('remove'),
      answersFor: () => given.answersFor(),
      answered: () => undefined,
      edited: () => {},
    },
    settings: { primary: { ...settings.primary, proxyAddresses: ['198.51.100.1'] } },
    store: {
      async change() {
        if (given.storeFails) throw new Error('the disk is full')
      },
    },
    failed: (error) => void given.failures.push(error),
  }
  const overrides = new ZoneOverrides(world)
  await overrides.add(ZONE, 1, laid)
  return { overrides, state, covers, heard, given }
}

test('what people have decided is laid over the zone once it is on the disk, and not before', async () => {
  const { overrides, state, covers } = await scene()
  state.overrides = made('www', 'api') // decided, and on its way
  await overrides.refresh('z')
  await overrides.settingsChanged('z', ON)
  expect(covers).toEqual([['www.example. 1'], ['www.example. 1'], ['www.example. 1']])
  await overrides.overridden('z', state.overrides)
  expect(covers.at(-1)).toEqual(['www.example. 1', 'api.example. 1'])
})

test('a zone that is to be edited here is answered as before until it is', async () => {
  const { overrides, state, covers } = await scene()
  Object.assign(state, { zone: { ...ZONE, type: 'full' }, overrides: undefined })
  await overrides.refresh('z')
  expect(covers.at(-1), 'nobody is told an address that a proxy stands for').toEqual(['www.example. 1'])
  overrides.handOver('z')
  expect(await overrides.refresh('z')).toBe(false)
})

test('settings of zone and account decide as well, and only where there are overrides', async () => {
  const { overrides, covers } = await scene()
  await overrides.settingsChanged('z', { ...ON, zoneMode: 'dns_only' })
  await overrides.settingsChanged('z', ON)
  await overrides.accountChanged({ accountId: 'a', zoneDefaults: ON, enforceDnsOnly: true })
  await overrides.accountChanged({ accountId: 'b', zoneDefaults: ON, enforceDnsOnly: false })
  await overrides.accountChanged({ accountId: 'a', zoneDefaults: ON, enforceDnsOnly: false })
  await overrides.settingsChanged('z', undefined)
  expect(covers.map((each) => each.length)).toEqual([1, 0, 1, 0, 1, 0])
  await overrides.settingsChanged('z', defaultDnsSettings())
  expect(covers).toHaveLength(6)
})

test('overlays that a zone was taken up with go if nothing is to lie there by now', async () => {
  const owner = parseName('www', APEX)
  const laid = [{ owner, records: [], always: false }]
  const { overrides, covers, state } = await scene({ laid })
  state.overrides = undefined
  await overrides.add(ZONE, 1, laid)
  expect(covers.at(-1)).toEqual([])
})

test('an answer that cannot be stored is answered all the same', async () => {
  const { overrides, covers, given, heard } = await scene()
  const flattened = new Map([[String.fromCharCode(...parseName('edge.test.')), { ipv4: [], ipv6: [], ttl: 60 }]])
  given.answers = { flattened, changes: [{ remove: 'flattened', id: 'x' }], apex: APEX }
  given.storeFails = true
  await overrides.overridden('z', made('@'))
  expect(covers.at(-1), 'a name without addresses is an answer').toEqual(['example. 0'])
  expect(given.failures).toHaveLength(1)
  expect(heard.at(-1)).toBe('add')
  overrides.remove('z')
  expect(heard.at(-1)).toBe('remove')
})

test('an answer that was waited for is of no use if other overrides have come meanwhile', async () => {
  const { overrides, covers, given } = await scene()
  const late = Promise.withResolvers<FlattenedAnswers>()
  const { answers } = given
  given.answersFor = () => late.promise
  const first = overrides.overridden('z', made('@', 'www'))
  await Promise.resolve()
  given.answersFor = async () => given.answers
  await overrides.overridden('z', made('api'))
  const before = covers.length
  late.resolve(answers)
  await first
  expect(covers.slice(before)).toEqual([['api.example. 1']])
})
