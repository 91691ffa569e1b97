import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ask } from '../interop/ask.ts'
import { waitFor } from '../interop/wait.ts'
import { message, question, TYPE } from '../hostile/message.ts'
import { ScriptedPrimary } from '../hostile/primary.ts'
import { Served } from '../server/process.ts'
import { DnsStream } from '../server/stream.ts'
import { feed } from './server-feeder.ts'
import { Model, type ObjectModel, type ZoneModel } from './server-model.ts'
import { CrashZone, primaryOf, rollFrom, serialIn, type Roll } from './server-zones.ts'

/** Set TWINZONE_KILLS for a longer run, TWINZONE_SEED to see one again as far as chance is ours. */
const KILLS = Number(process.env['TWINZONE_KILLS'] ?? 40)
/** Unless so many are asked for, a slow machine kills less often. */
const BUDGET_MS = process.env['TWINZONE_KILLS'] === undefined ? 75_000 : Infinity
const SEED = Number(process.env['TWINZONE_SEED'] ?? Date.now() % 1_000_000)
const WORLDS = 2
const ZONES = 12

const TOKEN = 'a_token_that_survives_every_crash'

/** A server that dies again and again, and what is known of it. */
class World {
  readonly server: Served
  readonly model: Model
  readonly startsMs: number[] = []
  acts = 0
  readonly #primary: ScriptedPrimary
  readonly #roll: Roll

  private constructor(server: Served, primary: ScriptedPrimary, model: Model, roll: Roll) {
    this.server = server
    this.model = model
    this.#primary = primary
    this.#roll = roll
  }

  static async open(seed: number): Promise<World> {
    const roll = rollFrom(seed)
    const zones = Array.from({ length: ZONES }, (_, at) => new CrashZone(at))
    const primary = await ScriptedPrimary.start(primaryOf(zones, roll))
    const server = await Served.create({ TWINZONE_ADMIN_TOKEN: TOKEN, TWINZONE_XFR_ALLOW: '127.0.0.0/8' })
    const world = new World(server, primary, new Model(server, zones, roll), roll)
    await world.#begin()
    return world
  }

  /** The first start, with half of the zones. */
  async #begin(): Promise<void> {
    const { server, model } = this
    await this.start()
    const [account] = await model.call<{ id: string }[]>('GET', '/client/v4/accounts')
    model.account = account?.id ?? ''
    const { address, port } = this.#primary.endpoint
    const peer = { name: 'primary', ip: address, port, ixfr_enable: true }
    model.peer = (await model.call<{ id: string }>('POST', model.objectsPath('peers'), peer)).id
    for (const zone of model.zones.slice(0, ZONES / 2)) await model.makeZone(zone)
    for (const object of model.objects.slice(0, 3)) await model.turnObject(object)
    expect(server.readyLine).toBeDefined()
  }

  async start(): Promise<void> {
    writeFileSync(this.#logFile, '')
    const before = performance.now()
    await this.server.start()
    this.startsMs.push(Math.round(performance.now() - before))
  }

  get #logFile(): string {
    return join(this.server.folder, 'twinzone.log')
  }

  /** Keeps the server busy for a moment and kills it; now and then it dies while it starts. */
  async feedAndKill(): Promise<void> {
    const feeder = feed(this.model, { server: this.server, primary: this.#primary, roll: this.#roll })
    await pause(this.#roll(500))
    feeder.expectDeath()
    await this.server.kill()
    await feeder.ended()
    this.acts += feeder.acts
    this.expectQuietLog()
    this.#primary.queries.length = 0
    if (this.#roll(6) > 0) return
    const starting = this.server.startOrEnd().catch(() => {})
    await pause(this.#roll(1200))
    await this.server.kill()
    await starting
  }

  /** Nothing that a crash can do is worth an error. */
  expectQuietLog(): void {
    const lines = readFileSync(this.#logFile, 'utf8').split('\n')
    const bad = lines.filter((line) => /"level":[56]0|zone\.unreadable|"msg":"fault"|^ {4}at |^twinzone: /.test(line))
    assert.deepEqual(bad, [])
  }

  /** What was acknowledged is there, what was not is there as a whole or not at all. */
  async check(): Promise<void> {
    const { model } = this
    await Promise.all(model.zones.map((zone) => this.#checkServed(zone)))
    const zones = new Map<string, string>()
    for (const { name, id } of await model.call<{ name: string; id: string }[]>('GET', '/client/v4/zones?per_page=50'))
      zones.set(name, id)
    for (const zone of model.zones) await this.#checkZone(zone, zones.get(zone.contents.apex.slice(0, -1)))
    for (const kind of ['peers', 'tsigs'] as const) {
      const listed = await model.call<{ id: string; name: string }[]>('GET', model.objectsPath(kind))
      for (const object of model.objects) if (object.kind === kind) checkObject(object, listed)
    }
    assert.ok(zones.size <= ZONES)
    this.expectQuietLog()
  }

  /** Called at once after a start: it must be served before anybody asks a primary. */
  async #checkServed(zone: ZoneModel): Promise<void> {
    const { apex } = zone.contents
    const answer = await ask(this.server.dns, { name: apex, timeoutMs: 5000 })
    const seen = zone.standing === 'there' ? zone.seen : -1
    if (answer?.rcode === 0 && answer.serial !== undefined) {
      const version = zone.contents.versionOf(answer.serial)
      assert.ok(version >= seen, `${apex}: version ${seen} was served, now it is ${version}`)
    } else assert.equal(seen, -1, `${apex}: version ${seen} was served, now the answer is ${answer?.rcode}`)
    if (zone.standing === 'gone') assert.equal(answer?.rcode, 5, `${apex}: it was removed`)
  }

  async #checkZone(zone: ZoneModel, id: string | undefined): Promise<void> {
    const { model } = this
    const { apex } = zone.contents
    if (zone.standing === 'there') assert.equal(id, zone.id, `${apex} was acknowledged`)
    if (zone.standing === 'gone') assert.equal(id, undefined, `${apex}: its removal was acknowledged`)
    if (id === undefined) {
      Object.assign(zone, { standing: 'gone', follows: 'gone', seen: -1, id: '' })
      return
    }
    if (zone.standing === 'asked' && zone.id !== id) zone.seen = -1
    Object.assign(zone, { standing: 'there', id })
    const incoming = await this.#incomingOf(zone)
    if (zone.follows === 'there')
      assert.deepEqual(incoming?.peers, [model.peer], `${apex}: its peers were acknowledged`)
    await this.#checkTransfers(zone)
    await this.#checkContents(zone)
    if (incoming === undefined) await model.follow(zone)
    else zone.follows = 'there'
  }

  async #incomingOf({ id }: ZoneModel): Promise<{ peers: string[] } | undefined> {
    try {
      return await this.model.call<{ peers: string[] }>('GET', `/client/v4/zones/${id}/secondary_dns/incoming`)
    } catch {
      return undefined
    }
  }

  async #checkTransfers(zone: ZoneModel): Promise<void> {
    const known = this.model.transfers.get(zone.id)
    if (known === undefined) return
    const path = `/api/v1/zones/${zone.id}/transfers?limit=1&before=${known.id + 1}`
    const [found] = await this.model.call<object[]>('GET', path)
    assert.deepEqual(found, known, `${zone.contents.apex}: a transfer that was listed`)
  }

  /** Whatever is served is exactly one version that the primary has had. */
  async #checkContents(zone: ZoneModel): Promise<void> {
    const { contents } = zone
    const stream = await DnsStream.open(this.server.dns)
    stream.send(message({ id: 1, flags: 0, question: question(contents.apex, TYPE.AXFR) }))
    const records = () => stream.messages.flatMap(({ answer }) => answer)
    await stream.until(`an AXFR of ${contents.apex}`, ({ messages, closed }) => {
      const last = messages.at(-1)
      return closed || (last?.rcode ?? 0) !== 0 || (last?.answer.at(-1)?.type === TYPE.SOA && records().length > 1)
    })
    stream.end()
    const [soa] = records()
    if (soa === undefined) {
      assert.equal(zone.seen, -1, `${contents.apex}: its contents are gone`)
      return
    }
    assert.equal(contents.flawOf(records()), undefined, contents.apex)
    this.model.served(zone, serialIn(soa))
  }

  /** In the end every zone is where its primary is. */
  async settle(): Promise<void> {
    for (const { contents, standing } of this.model.zones) {
      if (standing !== 'there') continue
      const serial = contents.serialOf(contents.version)
      await waitFor(`${contents.apex} at ${serial}`, async () => {
        await this.#primary.notify(this.server.dns, contents.apex, { serial })
        return (await ask(this.server.dns, { name: contents.apex }))?.serial === serial || undefined
      })
    }
    await this.check()
    for (const { name, status } of await this.model.call<{ name: string; status: string }[]>(
      'GET',
      '/client/v4/zones?per_page=50',
    ))
      expect({ name, status }).toEqual({ name, status: 'active' })
    expect(await this.server.stop()).toEqual({ code: 0, signal: null })
    expectSoundDatabase(join(this.server.data, 'twinzone.db'))
    await this.start()
    await this.check()
  }

  async remove(): Promise<void> {
    await this.server.remove()
    await this.#primary.remove()
  }
}

function checkObject(object: ObjectModel, listed: readonly { id: string; name: string }[]): void {
  const { name } = object.body as { name: string }
  const found = listed.find((one) => one.name === name)
  if (object.standing === 'there') assert.equal(found?.id, object.id, `${name} was acknowledged`)
  if (object.standing === 'gone') assert.equal(found, undefined, `the removal of ${name} was acknowledged`)
  Object.assign(object, { standing: found === undefined ? 'gone' : 'there', id: found?.id ?? '' })
}

/** No page is damaged, and nothing is kept of zones that are gone. */
function expectSoundDatabase(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true })
  const one = (sql: string): Record<string, unknown> => ({ ...database.prepare(sql).get() })
  try {
    expect(one('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
    for (const table of ['base', 'timers', 'incoming', 'transfer'])
      expect(
        one(`SELECT count(*) AS left FROM ${table} WHERE zone_id NOT IN (SELECT id FROM zone)`),
        `rows of ${table} whose zone is gone`,
      ).toEqual({ left: 0 })
    expect(one('SELECT count(*) AS left FROM difference WHERE base_id NOT IN (SELECT id FROM base)')).toEqual({
      left: 0,
    })
    expect(one('SELECT count(*) AS left FROM segment WHERE id NOT IN (SELECT segment_id FROM base_segment)')).toEqual({
      left: 0,
    })
  } finally {
    database.close()
  }
}

test.concurrent.for(Array.from({ length: WORLDS }, (_, at) => SEED + at))(
  'IC-14 case 60: a server killed at any moment has what it acknowledged, whole, after each start (seed %i)',
  async (seed) => {
    const world = await World.open(seed)
    try {
      const start = performance.now()
      let kills = 0
      for (; kills < KILLS / WORLDS && performance.now() - start < BUDGET_MS; kills++) {
        await world.feedAndKill()
        await world.start()
        await world.check()
      }
      await world.settle()
      const starts = world.startsMs.toSorted((a, b) => a - b)
      const versions = world.model.zones.reduce((sum, { contents }) => sum + contents.version, 0)
      console.log(
        `${kills} kills, ${world.acts} acts, ${versions} versions; ` +
          `${starts.length} starts: median ${starts[starts.length >> 1]} ms, longest ${starts.at(-1)} ms`,
      )
    } catch (error) {
      console.error(world.server.log(100))
      throw error
    } finally {
      await world.remove()
    }
  },
)
