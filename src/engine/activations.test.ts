import { expect, test } from 'vitest'
import { pino } from 'pino'
import { Activations, type ActivationsWorld } from './activations.ts'
import { newId } from './object-id.ts'

/** Zones that are pending until they are written, one write at a time and only when the test says so. */
function world() {
  const writes: string[][] = []
  const failures: string[] = []
  let written = Promise.withResolvers<undefined>()
  const zones = {
    get: () => ({ status: 'pending' }),
    activateAll: (ids: readonly string[]) => {
      writes.push([...ids])
      return written.promise
    },
  }
  const activations = new Activations({
    registry: { zones, onChange: () => {} },
    settings: { activation: { mode: 'auto' } },
    clock: { now: () => 0, after: () => ({ cancel: () => {} }) },
    log: pino({ level: 'silent' }),
    failed: ({ message }: Error) => failures.push(message),
  } as unknown as ActivationsWorld)
  const end = async (how: 'well' | Error): Promise<void> => {
    const { resolve, reject } = written
    written = Promise.withResolvers()
    if (how === 'well') resolve(undefined)
    else reject(how)
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  return { activations, writes, failures, end }
}

test('the first zone that is served is written at once, and those that come meanwhile together', async () => {
  const { activations, writes, end } = world()
  const [one, two, three, four] = [newId(), newId(), newId(), newId()]
  for (const id of [one, two, three]) activations.served(id)
  expect(writes).toEqual([[one]])
  await end('well')
  expect(writes).toEqual([[one], [two, three]])
  await end('well')
  activations.served(four)
  expect(writes).toEqual([[one], [two, three], [four]])
})

test('a write that fails is told of, and the next zone is written all the same', async () => {
  const { activations, writes, failures, end } = world()
  const [one, two, three] = [newId(), newId(), newId()]
  activations.served(one)
  activations.served(two)
  await end(new Error('the disk is full'))
  expect(failures).toEqual(['the disk is full'])
  activations.served(three)
  expect(writes).toEqual([[one], [two, three]])
})
