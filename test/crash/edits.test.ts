import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'vitest'
import { askSerial } from '../interop/ask.ts'
import { runProgram, Served } from '../server/process.ts'
import { rollFrom, type Roll } from './server-zones.ts'

/** Set TWINZONE_KILLS for a longer run, TWINZONE_SEED to see one again as far as chance is ours. */
const KILLS = Number(process.env['TWINZONE_KILLS'] ?? 15)
const BUDGET_MS = process.env['TWINZONE_KILLS'] === undefined ? 60_000 : Infinity
const SEED = Number(process.env['TWINZONE_SEED'] ?? Date.now() % 1_000_000)
const TOKEN = 'a_token_that_survives_every_crash'
const EDITORS = 4
const APEX = 'edited.example'

/** A record as its editor knows it: what was acknowledged last, and what was asked for since. */
interface Edited {
  readonly name: string
  id: string
  /** Undefined for a record that is not there. */
  known: string | undefined
  /** What the request that was not answered would have made of it. */
  asked: { readonly content: string | undefined } | undefined
}

interface Listed {
  readonly id: string
  readonly name: string
  readonly content: string
}

/** A zone that is edited by several at once, on a server that dies. */
class World {
  readonly server: Served
  readonly #roll: Roll
  readonly #records: Edited[][]
  #path = ''
  #serial = 0
  edits = 0
  #counter = 0

  private constructor(server: Served, roll: Roll) {
    this.server = server
    this.#roll = roll
    this.#records = Array.from({ length: EDITORS }, (_, editor) =>
      Array.from({ length: 8 }, (__, at) => ({
        name: `r${at}.e${editor}.${APEX}`,
        id: '',
        known: undefined,
        asked: undefined,
      })),
    )
  }

  static async open(seed: number): Promise<World> {
    const server = await Served.create({ TWINZONE_ADMIN_TOKEN: TOKEN, TWINZONE_XFR_ALLOW: '127.0.0.0/8' })
    const world = new World(server, rollFrom(seed))
    await server.start()
    const { id } = await world.#call<{ id: string }>('POST', '/zones', { name: APEX, type: 'full' })
    world.#path = `/zones/${id}/dns_records`
    return world
  }

  /** Every editor edits its own records, one request after the other, until the server is dead. */
  async editAndKill(): Promise<void> {
    const dead = { is: false }
    const editors = this.#records.map(async (records) => {
      while (!dead.is) {
        try {
          await this.#editOne(records)
          this.edits++
        } catch (error) {
          if (dead.is) return
          throw error
        }
      }
    })
    await pause(100 + this.#roll(500))
    dead.is = true
    await this.server.kill()
    await Promise.all(editors)
  }

  async #editOne(records: Edited[]): Promise<void> {
    const one = records[this.#roll(records.length)] as Edited
    const content = `v${++this.#counter}`
    if (one.known === undefined) {
      one.asked = { content }
      const body = { type: 'TXT', name: one.name, content, ttl: 60 }
      one.id = (await this.#call<Listed>('POST', this.#path, body)).id
    } else if (this.#roll(3) > 0) {
      one.asked = { content }
      await this.#call('PATCH', `${this.#path}/${one.id}`, { content })
    } else {
      one.asked = { content: undefined }
      await this.#call('DELETE', `${this.#path}/${one.id}`)
    }
    one.known = one.asked.content
    one.asked = undefined
  }

  /** What was acknowledged is there; what was not is there as a whole or not at all; API and DNS say the same. */
  async check(): Promise<void> {
    const listed = await this.#call<Listed[]>('GET', `${this.#path}?per_page=1000`)
    const byName = new Map(listed.map((record) => [record.name, record]))
    for (const one of this.#records.flat()) {
      const found = byName.get(one.name)
      const possible = [one.known, ...(one.asked === undefined ? [] : [one.asked.content])]
      assert.ok(possible.includes(found?.content), `${one.name}: ${found?.content} is none of ${possible.join(', ')}`)
      if (found !== undefined && one.known !== undefined) assert.equal(found.id, one.id, 'an id stays')
      Object.assign(one, { known: found?.content, id: found?.id ?? '', asked: undefined })
    }
    const serial = (await askSerial(this.server.dns, `${APEX}.`)) ?? -1
    assert.ok(serial >= this.#serial, `the serial was ${this.#serial} and is ${serial}`)
    this.#serial = serial
    assert.deepEqual(await this.#transferred(), listed.map(({ name, content }) => `${name}. "${content}"`).toSorted())
  }

  /** The TXT records that a transfer brings, which is all that DNS answers from. */
  async #transferred(): Promise<string[]> {
    const { address, port } = this.server.dns
    const { stdout } = await runProgram('dig', [`@${address}`, '-p', String(port), 'AXFR', APEX, '+noall', '+answer'])
    const lines = stdout.split('\n').map((line) => line.split(/\s+/))
    return lines.flatMap(([name, , , type, text]) => (type === 'TXT' ? [`${name} ${text}`] : [])).toSorted()
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const answered = await fetch(`${this.server.url}/client/v4${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const { success, result, errors } = (await answered.json()) as { success: boolean; result: T; errors: unknown }
    assert.ok(success, `${method} ${path}: ${JSON.stringify(errors)}`)
    return result
  }
}

test(`a server killed while zones are edited has every edit it acknowledged, after each start (seed ${SEED})`, async () => {
  const world = await World.open(SEED)
  try {
    const start = performance.now()
    let kills = 0
    for (; kills < KILLS && performance.now() - start < BUDGET_MS; kills++) {
      await world.editAndKill()
      await world.server.start()
      await world.check()
    }
    console.log(`${kills} kills, ${world.edits} edits`)
  } catch (error) {
    console.error(world.server.log(100))
    throw error
  } finally {
    await world.server.remove()
  }
})
