import { expect, test } from 'vitest'
import { Quota, ROUTINE, URGENT } from './quota.ts'

/** Jobs that note their start and are ended by name. */
function watched(quota: Quota) {
  const started: string[] = []
  const releases = new Map<string, () => void>()
  return {
    started,
    ask: (name: string, key: string, priority: 0 | 1 = ROUTINE) =>
      quota.request(key, priority, (release) => {
        started.push(name)
        releases.set(name, release)
      }),
    end: (name: string) => releases.get(name)?.(),
  }
}

test('case 13: five hundred zones of a dead primary do not hold up the zone of another', () => {
  const jobs = watched(new Quota({ inAll: 10, perKey: 2 }))
  for (let zone = 0; zone < 500; zone++) jobs.ask(`dead ${zone}`, 'dead')
  jobs.ask('alive', 'living')
  expect(jobs.started).toEqual(['dead 0', 'dead 1', 'alive'])
})

test('NOTIFY work starts before routine checks that have waited longer', () => {
  const jobs = watched(new Quota({ inAll: 1, perKey: 1 }))
  jobs.ask('first', 'a')
  jobs.ask('routine', 'a')
  jobs.ask('urgent', 'b', URGENT)
  jobs.end('first')
  jobs.end('urgent')
  expect(jobs.started).toEqual(['first', 'urgent', 'routine'])
})

test('a place given back twice counts once, and a withdrawn job never starts', () => {
  const quota = new Quota({ inAll: 1, perKey: 1 })
  const jobs = watched(quota)
  jobs.ask('one', 'a')
  const withdraw = jobs.ask('two', 'a')
  jobs.ask('three', 'a')
  jobs.ask('four', 'a')
  withdraw()
  jobs.end('one')
  jobs.end('one')
  expect(jobs.started).toEqual(['one', 'three'])
  expect(quota).toMatchObject({ running: 1, waiting: 1 })
})
