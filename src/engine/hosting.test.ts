import { expect, test } from 'vitest'
import { settle } from '../../test/doubles/virtual-clock.ts'
import { MemoryStore } from '../store/memory.ts'
import { Hosting, type HostingWorld } from './hosting.ts'
import type { Log } from './log.ts'
import { openRegistry } from './registry.ts'
import type { Adopted } from './thread-messages.ts'

/** Zones of a control plane, taken up by a contents thread that answers as the test says. */
async function scene() {
  const store = new MemoryStore()
  const { registry } = await openRegistry({ store, nameServers: ['ns1.example.net'], tsigMd5: false })
  const [account] = registry.accounts.all()
  const heard: string[] = []
  const state = {
    /** What the store had of a zone. */
    timers: async () => store.objects('timers'),
    adopted: { handle: 1, stored: undefined, problem: undefined } as Adopted,
  }
  const nothing = () => {}
  const world = {
    registry,
    contents: {
      adopt: async ({ id }: { id: string }) => {
        heard.push(`adopted ${id}`)
        return state.adopted
      },
      drop: nothing,
    },
    secondaries: { add: ({ id }: { id: string }) => void heard.push(`followed ${id}`), remove: nothing, get: nothing },
    primaries: {
      add: ({ id }: { id: string }) => void heard.push(`edited ${id}`),
      remove: nothing,
      get: () => undefined,
    },
    overrides: { add: async () => {}, remove: nothing, overlaysOf: () => [] },
    handingOn: { numbered: nothing, takenUp: nothing, released: nothing },
    timers: { forget: nothing },
    store: { objects: () => state.timers(), versions: async () => [], removeZone: nothing },
    log: {
      error: ({ problem }: { problem: string }, event: string) => heard.push(`${event}: ${problem}`),
    } as unknown as Log,
    served: nothing,
  } as Partial<Record<keyof HostingWorld, unknown>> as HostingWorld
  const hosting = new Hosting(world)
  const add = async (name: string, type: 'full' | 'secondary' = 'full') => {
    const made = await registry.zones.create({ accountId: account?.id ?? '', name, type })
    if (made.type === 'refused') throw new Error(made.problems[0]?.text)
    await settle()
    return made.value.id
  }
  return { hosting, store, heard, state, add }
}

test('a zone that is made while the server starts is taken up once, told of before it is met or after', async () => {
  const { hosting, store, heard, state, add } = await scene()
  const timers = Promise.withResolvers<never[]>()
  state.timers = () => timers.promise
  const started = hosting.takeUpStored()
  const first = await add('early.test')
  const hosted = hosting.get(first)
  const written = Promise.withResolvers<void>()
  const change = store.change.bind(store)
  store.change = (changes) => written.promise.then(() => change(changes))
  const adding = add('late.test')
  timers.resolve([])
  await started
  written.resolve()
  const second = await adding
  expect(heard).toEqual([first, second].flatMap((id) => [`adopted ${id}`, `edited ${id}`]))
  expect(hosting.get(first)).toBe(hosted)
})

test.each(['full', 'secondary'] as const)(
  'a zone of type %s that cannot be put into the directory is told of and left',
  async (type) => {
    const { hosting, heard, state, add } = await scene()
    state.adopted = { handle: undefined, stored: undefined, problem: 'a bug' }
    const id = await add('odd.test', type)
    expect(heard).toEqual([`adopted ${id}`, 'zone.unreadable: a bug'])
    expect(hosting.get(id)?.handle).toBeUndefined()
  },
)
