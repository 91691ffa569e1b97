import { expect, test } from 'vitest'
import { VirtualClock } from '../../test/doubles/virtual-clock.ts'
import { reason } from '../protocol/reason.ts'
import { parseName } from '../dns/name.ts'
import { toSerial } from '../dns/serial.ts'
import type { SoaFacts } from '../protocol/refresh-policy.ts'
import type { Zone } from '../store/objects.ts'
import { loadConfig } from './config.ts'
import type { EditOutcome, EditRequest } from './edit-port.ts'
import type { Log } from './log.ts'
import { Primaries } from './primaries.ts'
import { defaultDnsSettings } from './zone-frames.ts'

const HOUR = 3_600_000
const ZONE = { id: 'a', name: 'example.org', nameServers: ['ns1.ours.example'], accountId: 'x' } as unknown as Zone
const soa = (serial: number) => ({ serial: toSerial(serial) }) as SoaFacts
const made = (serial: number, more: object = {}): EditOutcome => ({
  type: 'edited',
  soa: soa(serial),
  findings: [],
  ...more,
})

function scene() {
  const clock = new VirtualClock(HOUR)
  const requests: EditRequest[] = []
  const heard: unknown[] = []
  const logged: string[] = []
  const state = { outcome: async (): Promise<EditOutcome> => made(8) }
  const answers = { flattened: new Map(), changes: [{ put: 'flattened', object: { target: 'edge.example.net.' } }] }
  const primaries = new Primaries({
    contents: {
      edit: (_number, request) => {
        requests.push(request)
        return state.outcome()
      },
    },
    registry: {
      zones: { get: (id: string) => (id === ZONE.id ? ZONE : undefined) },
      dnsSettings: { ofZone: () => defaultDnsSettings(), isDnsOnly: () => false },
    } as never,
    settings: loadConfig({ environment: {} }),
    flattener: {
      add: async () => {},
      remove: () => void heard.push('removed'),
      answersFor: async () => answers as never,
      edited: () => void heard.push('flattener'),
    },
    clock,
    isFollowed: () => false,
    log: {
      info: (_: object, event: string) => logged.push(event),
      error: ({ err }: { err: unknown }, event: string) => logged.push(`${event}: ${String(err)}`),
    } as unknown as Log,
    edited: (_, { serial }) => void heard.push(serial),
  })
  primaries.add(ZONE, 1, { soa: soa(7), at: 0 })
  return { primaries, requests, heard, logged, state }
}

test('a refresh that made a version tells everybody who follows the zone', async () => {
  const { primaries, requests, heard, logged } = scene()
  const owners = [parseName('www.example.org.')]
  expect(await primaries.refresh('a', owners)).toBe(true)
  expect(requests).toMatchObject([{ steps: [], scope: owners, changes: [{ put: 'flattened' }] }])
  expect(heard).toEqual(['flattener', 8])
  expect(logged).toEqual(['zone.edited'])
  expect(primaries.get('a')).toMatchObject({ soa: { serial: 8 }, modifiedAt: HOUR })
})

test('a refresh that changed nothing is done too, and the version stays what it was', async () => {
  const { primaries, heard, logged, state } = scene()
  state.outcome = async () => made(7, { unchanged: true })
  expect(await primaries.refresh('a', 'all')).toBe(true)
  expect([heard, logged]).toEqual([['flattener'], []])
  expect(primaries.get('a')).toMatchObject({ soa: { serial: 7 }, modifiedAt: 0 })
})

test.each<[string, () => Promise<EditOutcome>, string]>([
  [
    'was refused',
    async () => ({ type: 'refused', reason: reason('local-failure', { error: 'the disk is full' }) }),
    'the disk is full',
  ],
  ['met a bug', () => Promise.reject(new Error('a bug')), 'a bug'],
])('a refresh that %s is not done, which is logged and told to nobody', async (_, outcome, why) => {
  const { primaries, heard, logged, state } = scene()
  state.outcome = outcome
  expect(await primaries.refresh('a', 'all')).toBe(false)
  expect(heard).toEqual([])
  expect(logged).toEqual([expect.stringContaining(why)])
  expect(primaries.get('a')).toMatchObject({ soa: { serial: 7 } })
  state.outcome = async () => made(8)
  expect(await primaries.refresh('a', 'all'), 'tried again').toBe(true)
})

test('of a zone that is not edited here, or not any more, there is nothing to be made', async () => {
  const { primaries, requests } = scene()
  expect(await primaries.refresh('other', 'all')).toBe(true)
  expect(requests).toEqual([])
  const refreshed = primaries.refresh('a', 'all')
  primaries.remove('a')
  expect(await refreshed).toBe(true)
  expect(requests).toEqual([])
})

test('what is renewed has a version of its own, with which its backlog ends', async () => {
  const { primaries, requests } = scene()
  expect(await primaries.renew('a')).toBe(true)
  expect(requests).toMatchObject([{ steps: [], renew: true, changes: [{ endBacklog: 'a' }, { put: 'flattened' }] }])
})
