/**
 * A server under attack, and what "it holds" means: it runs, its memory is bounded, other zones are answered, the old
 * version of the attacked zone is kept, and the transfer log says what happened.
 *
 * A file of tests shares one server, so what an attack leaves behind meets the next one. Each test has a zone and a
 * primary of its own.
 */

import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { askSerial } from '../interop/ask.ts'
import type { TransferKey } from '../interop/peers/kind.ts'
import { Twinzone } from '../interop/twinzone.ts'
import type { TransferEntry } from '../interop/twinzone.ts'
import { waitFor } from '../interop/wait.ts'
import { honest, ScriptedPrimary } from './primary.ts'
import type { Script } from './primary.ts'
import { countTransferred } from './tcp.ts'

/** A key of its own for each zone: the server has one list of keys. */
export function newKey(): TransferKey {
  const name = `key${++keys}.hostile.test`
  return { name, algorithm: 'hmac-sha256', secret: Buffer.alloc(32, keys).toString('base64') }
}

let keys = 0

const MIB = 1 << 20
const WITNESS = 'witness.test.'

/** Limits so near that a test reaches them. */
const NEAR_LIMITS = {
  transferOctetsMax: 20_000_000,
  transferRecordsMax: 200_000,
  recordsPerRrsetMax: 1500,
  typesPerOwnerMax: 100,
  ixfrStepsMax: 1000,
  connectSeconds: 2,
  checkSeconds: 1,
  checkTries: 2,
  transferIdleSeconds: 2,
  transferTotalSeconds: 8,
  transferRateMin: { octets: 1000, seconds: 3 },
}

/** A zone that has been transferred honestly once, and the primary that is about to turn. */
export interface Victim {
  readonly apex: string
  readonly zoneId: string
  readonly primary: ScriptedPrimary
  /** Sends NOTIFY from the primary, signed where the zone has a key. */
  readonly notify: (serial?: number) => Promise<Buffer | undefined>
}

/** How a victim comes to be. */
export interface VictimOptions {
  readonly key?: TransferKey
  /** Whether the server asks this primary for differences. */
  readonly ixfr?: boolean
  /** The honest first version; version 1 of the small zone by default. */
  readonly first?: Parameters<typeof honest>[1]
  readonly apex?: string
}

/** A zone is attacked with version 2; this is how, and why it must be refused. */
export interface Attack extends VictimOptions {
  readonly script: (apex: string) => Partial<Script>
  readonly reason: string | RegExp
}

/** The server of one file of tests. */
export class Scene {
  readonly #config: Readonly<Record<string, unknown>>
  readonly #primaries: ScriptedPrimary[] = []
  #ours: Twinzone | undefined
  #witness: ScriptedPrimary | undefined
  #count = 0

  constructor(config: Readonly<Record<string, unknown>>) {
    this.#config = config
  }

  /** The server under attack. */
  get ours(): Twinzone {
    if (this.#ours === undefined) throw new Error('the scene is not set')
    return this.#ours
  }

  async open(): Promise<void> {
    this.#witness = await ScriptedPrimary.start(honest(WITNESS, () => ({ serial: 7 })))
    this.#ours = await Twinzone.start({ config: this.#config })
    await this.ours.follow({ apex: WITNESS, primaries: [this.#witness.endpoint] })
    await this.ours.waitForSerial(WITNESS, { serial: 7 })
  }

  async close(): Promise<void> {
    await this.#ours?.remove()
    await this.#witness?.remove()
  }

  /** A name no other test of the file uses. */
  newApex(): string {
    return `victim${++this.#count}.test.`
  }

  /** A primary that ends with the test. */
  async primary(...options: Parameters<typeof ScriptedPrimary.start>): Promise<ScriptedPrimary> {
    const primary = await ScriptedPrimary.start(...options)
    this.#primaries.push(primary)
    return primary
  }

  /** A zone of which we have an honest version. */
  async victim({ key, ixfr = false, first, apex = this.newApex() }: VictimOptions = {}): Promise<Victim> {
    const script = honest(apex, first ?? (() => ({ serial: 1 })))
    const primary = await this.primary(script, key === undefined ? {} : { key })
    const zoneId = await this.ours.follow({
      apex,
      primaries: [primary.endpoint],
      ixfr,
      ...(key === undefined ? {} : { key }),
    })
    await this.ours.waitForSerial(apex)
    const notify = (serial?: number): Promise<Buffer | undefined> =>
      primary.notify(this.ours.endpoint, apex, { ...(serial === undefined ? {} : { serial }), key })
    return { apex, zoneId, primary, notify }
  }

  /** Attacks a new victim with a false version 2: it must be refused for that reason, and version 1 kept. */
  async expectRefused({ script, reason, ...options }: Attack): Promise<{ victim: Victim; entry: TransferEntry }> {
    const victim = await this.victim(options)
    const { apex, primary, zoneId } = victim
    primary.script = { ...honest(apex, () => ({ serial: 2 })), ...script(apex) }
    expect(rcodeOf(await victim.notify(2)), 'the answer to NOTIFY').toBe(0)
    const wanted = typeof reason === 'string' ? new RegExp(`^(${reason})$`) : reason
    const entry = await this.ours.waitForTransfer(zoneId, { outcome: 'failed', reason: wanted })
    expect(await askSerial(this.ours.endpoint, apex)).toBe(1)
    return { victim, entry }
  }

  /** The server runs and answers for the zone that nobody attacked. */
  async expectHolds(): Promise<void> {
    expect(this.ours.running, 'the server runs').toBe(true)
    await this.ours.waitForSerial(WITNESS, { serial: 7, deadlineMs: 5000 })
  }

  /** Runs an attack and watches memory: it may rise by so much, and no more. */
  async withinMemory<T>(growthMiB: number, attack: () => Promise<T>): Promise<T> {
    const before = this.ours.memoryOctets()
    let peak = before
    const sampler = setInterval(() => (peak = Math.max(peak, this.ours.memoryOctets())), 100)
    const result = await attack().finally(() => clearInterval(sampler))
    expect((peak - before) / MIB, 'memory grew, in MiB').toBeLessThan(growthMiB)
    return result
  }

  /** What we took in can be handed on in every form: by transfer, as a list, as a master file. Gives the record count. */
  async expectHandedOn({ apex, zoneId }: Pick<Victim, 'apex' | 'zoneId'>): Promise<number> {
    const records = await countTransferred(this.ours.endpoint, apex)
    for (const path of [`/client/v4/zones/${zoneId}/dns_records?per_page=100`, `/api/v1/zones/${zoneId}/zonefile`]) {
      const answer = await this.ours.fetch('GET', path)
      expect(answer.status, path).toBe(200)
      expect((await answer.text()).length, path).toBeGreaterThan(0)
    }
    return records
  }

  /** Waits until the zone is answered with this serial. */
  async expectSerial({ apex }: Pick<Victim, 'apex'>, serial: number, deadlineMs = 15_000): Promise<void> {
    await this.ours.waitForSerial(apex, { serial, deadlineMs })
  }

  async clear({ tell }: { tell: boolean }): Promise<void> {
    if (tell) for (const actor of [...this.#primaries, this.ours]) console.error(actor.log())
    await Promise.all(this.#primaries.splice(0).map((primary) => primary.remove()))
    if (!this.ours.running) await this.ours.start()
  }
}

/** The RCODE of an answer; undefined where none came. */
export function rcodeOf(answer: Buffer | undefined): number | undefined {
  return answer === undefined ? undefined : answer.readUInt16BE(2) & 15
}

/** A scene for the tests of a file. What holds is checked after each of them. */
export function useScene(config: Readonly<Record<string, unknown>> = {}): Scene {
  const scene = new Scene({ limits: NEAR_LIMITS, secondary: { refreshMin: 1, retryMin: 1 }, ...config })
  beforeAll(() => scene.open())
  afterAll(() => scene.close())
  afterEach(async ({ task }) => {
    try {
      await scene.expectHolds()
    } finally {
      await scene.clear({ tell: task.result?.state === 'fail' })
    }
  })
  return scene
}

/** Sends without end, no faster than the other side reads. `next` gives the answer section of each message. */
export async function sendForever(
  line: { readonly open: boolean; readonly unread: number; answer(parts: { answer: readonly Buffer[] }): void },
  next: (count: number) => readonly Buffer[],
): Promise<void> {
  for (let count = 0; line.open; count++) {
    line.answer({ answer: next(count) })
    if (line.unread > MIB)
      await waitFor('the reader', () => (line.unread < MIB || !line.open ? true : undefined), { everyMs: 5 })
    else if (count % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}
