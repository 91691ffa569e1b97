/** A zone that is edited, for tests: empty at first. */

import { expect } from 'vitest'
import { openWorld, START, type Answer, type World } from './world.ts'

export interface EditedWorld extends World {
  readonly zoneId: string
  readonly path: string
  /** Makes a record that must be fine, and gives it as the API shows it. */
  readonly made: (record: object) => Promise<Answer['body']>
}

let shared: Promise<EditedWorld> | undefined

/** A zone in a world of its own. */
export async function openEditedWorld(options: Parameters<typeof openWorld>[0] = {}): Promise<EditedWorld> {
  return withZone(await openWorld(options), 'example.org')
}

/** A zone in a world in which there were others before: quicker, for tests that leave the world as it is. */
export async function openEdited(): Promise<EditedWorld> {
  const before = await shared
  if (before !== undefined) {
    await before.call('DELETE', `/zones/${before.zoneId}`)
    before.clock.now = START
  }
  shared = before === undefined ? openEditedWorld() : withZone(before, 'example.org')
  return shared
}

async function withZone(world: World, name: string): Promise<EditedWorld> {
  const zoneId = await world.zone(name, 'full')
  const path = `/zones/${zoneId}/dns_records`
  const made = async (record: object) => {
    const { status, body } = await world.call('POST', path, record)
    expect([status, body.errors]).toEqual([200, []])
    return body.result
  }
  return { ...world, zoneId, path, made }
}
