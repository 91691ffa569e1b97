/**
 * Who takes part in a soak: a primary of made zones, a first twinzone that follows it, and a second one that is primary of
 * zones edited by its API. Each of the two hands on to the other, signed: the large zone goes from the first to the second,
 * the edited ones from the second to the first.
 */

import { printEndpoint, freeEndpoint, type Endpoint } from '../test/interop/endpoint.ts'
import { askSerial } from '../test/interop/ask.ts'
import type { TransferKey } from '../test/interop/peers/kind.ts'
import { PrimaryZone } from '../test/interop/primary-zone.ts'
import { ADMIN_TOKEN, Twinzone } from '../test/interop/twinzone.ts'
import { waitFor } from '../test/interop/wait.ts'
import { HttpClient } from './http-client.ts'
import { madeApex } from './made-zones.ts'
import { MadePrimary } from './made-primary.ts'
import { SHAPE } from './soak-hour.ts'
import { tellOf } from './soak-clients.ts'
import type { ZoneFiles } from './zone-file.ts'

export const KEY: TransferKey = {
  name: 'soak.key',
  algorithm: 'hmac-sha256',
  secret: Buffer.alloc(32, 5).toString('base64'),
}
/** What each round may leave behind stays small, so that nothing grows by design. */
export const CONFIG = {
  logLevel: 'warn',
  rateLimit: { requests: 1_000_000_000 },
  history: { differences: 20, transfers: 20, auditDays: 1 },
  limits: { transfersPerPrimary: 20, tcpIdleSeconds: 2, analyticsRowsPerZone: 20, analyticsRows: 500 },
  analytics: { minuteHours: 1 },
}
/** How often a server does what it does once an hour: more than once in a round. */
const SOAK_HOUR_MS = 20_000
const PRELOADED = new URL('soak-preload.ts', import.meta.url).href
const PATIENCE_MS = 120_000
const CONNECTIONS = 4

/** A zone, and from whom to whom it goes. */
interface Route {
  readonly apex: string
  readonly from: Endpoint
  readonly to: Endpoint
}

export class SoakPair {
  /** Follows the made zones and those that the other has edited. */
  readonly first: Twinzone
  /** Edits, and follows the large zone. */
  readonly second: Twinzone
  readonly large: ZoneFiles
  readonly edited: PrimaryZone[] = []
  largeId = ''
  #primary: MadePrimary
  /** As what each knows the other. */
  #peers = { ofFirst: '', ofSecond: '' }

  private constructor(first: Twinzone, second: Twinzone, primary: MadePrimary, large: ZoneFiles) {
    this.first = first
    this.second = second
    this.large = large
    this.#primary = primary
  }

  /** Starts all three; every zone is answered by all that have it when this returns. */
  static async start(large: ZoneFiles): Promise<SoakPair> {
    const endpoint = await freeEndpoint()
    const primary = await MadePrimary.start({ zones: SHAPE.smallZones, large, endpoint })
    const environment = {
      NODE_OPTIONS: `--import=${PRELOADED}`,
      TWINZONE_SOAK_HOUR_MS: String(SOAK_HOUR_MS),
    }
    const first = await Twinzone.start({ config: CONFIG, environment })
    const second = await Twinzone.start({ config: CONFIG, environment })
    const pair = new SoakPair(first, second, primary, large)
    await pair.#populate()
    return pair
  }

  get primary(): MadePrimary {
    return this.#primary
  }

  get servers(): readonly (readonly [string, Twinzone])[] {
    return [
      ['first', this.first],
      ['second', this.second],
    ]
  }

  /** The API of the second; whoever takes it closes it. */
  client(): HttpClient {
    return new HttpClient(this.second.url, { connections: CONNECTIONS, token: ADMIN_TOKEN })
  }

  /** Makes a zone of the second that the first follows; resolves when the first answers it. */
  async addEdited(apex: string): Promise<{ zone: PrimaryZone; deleteFromBoth: () => Promise<void> }> {
    const zone = await PrimaryZone.make(this.second, apex)
    await handOn(zone, this.#peers.ofFirst)
    const id = await this.first.addZone({ apex, peerIds: [this.#peers.ofSecond] })
    await this.first.waitForSerial(apex, { deadlineMs: PATIENCE_MS })
    const deleteFromBoth = async (): Promise<void> => {
      await this.first.api('DELETE', `/client/v4/zones/${id}`)
      await this.second.api('DELETE', `/client/v4/zones/${zone.id}`)
    }
    return { zone, deleteFromBoth }
  }

  /** The large zone has a new version; resolves when the first answers it. */
  async advanceLarge(): Promise<void> {
    const { apex } = this.large
    await this.#primary.goOn({ versions: 1, secondary: this.first.endpoint })
    await this.#settle([this.#route(apex, this.#primary, this.first)])
  }

  /** The primary dies while it sends the large zone, and another takes its place, with newer versions of all zones. */
  async restartPrimary(): Promise<void> {
    const { endpoint } = this.#primary
    const serials = await Promise.all(this.#madeApexes().map((apex) => serialOf(endpoint, apex)))
    await this.#primary.dieSending(() => this.first.forceTransfer(this.largeId))
    const serial = Math.max(...serials) + 1
    this.#primary = await MadePrimary.start({ zones: SHAPE.smallZones, large: this.large, endpoint, serial })
    await this.#settle(this.#madeRoutes())
  }

  /** Waits until every zone has everywhere the serial of its primary. */
  async settle(): Promise<void> {
    const { apex } = this.large
    const edited = this.edited.map((zone) => this.#route(zone.apex, this.second, this.first))
    await this.#settle(this.#madeRoutes())
    await this.#settle([...edited, this.#route(apex, this.first, this.second)])
  }

  async remove(): Promise<void> {
    this.#primary.stop()
    await Promise.all([this.first.remove(), this.second.remove()])
  }

  async #populate(): Promise<void> {
    const { first, second, large } = this
    const [firstKey, secondKey] = [await first.addKey(KEY), await second.addKey(KEY)]
    this.#peers.ofSecond = await first.addPeer({ endpoint: second.endpoint, keyId: firstKey })
    this.#peers.ofFirst = await second.addPeer({ endpoint: first.endpoint, keyId: secondKey })
    const made = await first.addPeer({ endpoint: this.#primary.endpoint })
    for (let number = 0; number < SHAPE.smallZones; number++)
      await first.addZone({ apex: madeApex(number), peerIds: [made] })
    this.largeId = await first.addZone({ apex: large.apex, peerIds: [made] })
    await handOn(PrimaryZone.of(first, large.apex, this.largeId), this.#peers.ofSecond)
    await first.waitForSerial(large.apex, { deadlineMs: PATIENCE_MS })
    await second.addZone({ apex: large.apex, peerIds: [this.#peers.ofFirst] })
    for (let number = 0; number < SHAPE.editedZones; number++)
      this.edited.push((await this.addEdited(`e${number}.edited.test.`)).zone)
    await this.settle()
  }

  #madeApexes(): string[] {
    return [this.large.apex, ...Array.from({ length: SHAPE.smallZones }, (_, number) => madeApex(number))]
  }

  #madeRoutes(): Route[] {
    return this.#madeApexes().map((apex) => this.#route(apex, this.#primary, this.first))
  }

  #route(apex: string, from: { endpoint: Endpoint }, to: { endpoint: Endpoint }): Route {
    return { apex, from: from.endpoint, to: to.endpoint }
  }

  /** The primary of made zones tells of a version once, which may be lost, and is told of again; ours do that themselves. */
  async #settle(routes: readonly Route[]): Promise<void> {
    let left = routes
    const probe = async (): Promise<true | undefined> => {
      const equal = await Promise.all(left.map(isSettled))
      left = left.filter((_, at) => equal[at] === false)
      const made = left.filter(({ from }) => from === this.#primary.endpoint)
      await tellOf(
        made.map(({ apex }) => apex),
        this.first.endpoint,
      )
      return left.length === 0 ? true : undefined
    }
    await waitFor('all zones to have the serials of their primaries', probe, {
      deadlineMs: PATIENCE_MS,
      everyMs: 100,
    }).catch((error: unknown) => {
      const some = left.slice(0, 5).map(({ apex, from, to }) => `${apex} ${printEndpoint(from)} ${printEndpoint(to)}`)
      throw new Error(`${(error as Error).message}: ${left.length} have not, such as ${some.join(', ')}`)
    })
  }
}

async function isSettled({ apex, from, to }: Route): Promise<boolean> {
  const [theirs, ours] = await Promise.all([askSerial(from, apex), askSerial(to, apex)])
  return theirs !== undefined && theirs === ours
}

async function serialOf(server: Endpoint, apex: string): Promise<number> {
  return waitFor(`a serial of ${apex}`, () => askSerial(server, apex))
}

async function handOn(zone: PrimaryZone, peer: string): Promise<void> {
  await zone.outgoing('POST', '', { name: zone.apex, peers: [peer] })
  await zone.outgoing('POST', '/enable')
}
