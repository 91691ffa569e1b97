/**
 * What a server has acknowledged, and what it must therefore have after a crash.
 *
 * What was asked for and not answered may have happened or not; it is looked up after the next start.
 */

import type { Served } from '../server/process.ts'
import type { CrashZone, Roll } from './server-zones.ts'

/** `asked`: a call was under way when the server died. */
type Standing = 'there' | 'gone' | 'asked'

export interface ZoneModel {
  readonly contents: CrashZone
  standing: Standing
  id: string
  /** Whether the zone has been told where it comes from. */
  follows: Standing
  /** The newest version that was seen to be served; -1 for none. */
  seen: number
}

/** Peers and keys that come and go. */
export interface ObjectModel {
  readonly kind: 'peers' | 'tsigs'
  readonly body: object
  standing: Standing
  id: string
}

interface TransferSeen {
  readonly id: number
  readonly zoneId: string
  readonly asked: string
  readonly to_serial: number | null
  readonly outcome: string
}

interface Envelope<T> {
  readonly result: T
}

export class Model {
  readonly zones: readonly ZoneModel[]
  readonly objects: readonly ObjectModel[]
  /** Transfers that were listed, newest per zone. */
  readonly transfers = new Map<string, TransferSeen>()
  account = ''
  peer = ''
  readonly #server: Served
  readonly #roll: Roll

  constructor(server: Served, zones: readonly CrashZone[], roll: Roll) {
    this.#server = server
    this.#roll = roll
    this.zones = zones.map((contents) => ({ contents, standing: 'gone', id: '', follows: 'gone', seen: -1 }))
    this.objects = Array.from({ length: 6 }, (_, at) => ({
      kind: at % 2 === 0 ? 'peers' : 'tsigs',
      body:
        at % 2 === 0
          ? { name: `peer${at}`, ip: '192.0.2.1', port: 1000 + at, ixfr_enable: true }
          : { name: `key${at}.crash.test.`, algo: 'hmac-sha256.', secret: Buffer.alloc(32, at).toString('base64') },
      standing: 'gone',
      id: '',
    }))
  }

  /** One call; throws if it is not answered with success. */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = {
      authorization: `Bearer ${this.#server.environment['TWINZONE_ADMIN_TOKEN']}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const answer = await fetch(this.#server.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const said = (await answer.json()) as Envelope<T>
    if (!answer.ok) throw new Refusal(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`)
    return said.result
  }

  objectsPath(kind: ObjectModel['kind']): string {
    return `/client/v4/accounts/${this.account}/secondary_dns/${kind}`
  }

  /** Makes or removes a zone. */
  async turnZone(zone: ZoneModel): Promise<void> {
    if (zone.standing === 'gone') return this.makeZone(zone)
    if (zone.standing === 'asked') return
    zone.standing = 'asked'
    await this.call('DELETE', `/client/v4/zones/${zone.id}`)
    Object.assign(zone, { standing: 'gone', follows: 'gone', seen: -1 })
    this.transfers.delete(zone.id)
  }

  async makeZone(zone: ZoneModel): Promise<void> {
    const name = zone.contents.apex.slice(0, -1)
    Object.assign(zone, { standing: 'asked', follows: 'gone', seen: -1, id: '' })
    const body = { account: { id: this.account }, name, type: 'secondary' }
    zone.id = (await this.call<{ id: string }>('POST', '/client/v4/zones', body)).id
    zone.standing = 'there'
    await this.follow(zone)
  }

  async follow(zone: ZoneModel): Promise<void> {
    const body = { name: zone.contents.apex, peers: [this.peer], auto_refresh_seconds: 86_400 }
    zone.follows = 'asked'
    await this.call('POST', `/client/v4/zones/${zone.id}/secondary_dns/incoming`, body)
    zone.follows = 'there'
  }

  async turnObject(object: ObjectModel): Promise<void> {
    const path = this.objectsPath(object.kind)
    const { standing } = object
    if (standing === 'asked') return
    object.standing = 'asked'
    if (standing === 'gone') {
      object.id = (await this.call<{ id: string }>('POST', path, object.body)).id
      object.standing = 'there'
    } else {
      await this.call('DELETE', `${path}/${object.id}`)
      object.standing = 'gone'
    }
  }

  /** Looks at the log of a zone's transfers: what is listed there is kept, and what a transfer brought is served. */
  async lookAtTransfers(zone: ZoneModel): Promise<void> {
    const { id } = zone
    const listed = await this.call<TransferSeen[]>('GET', `/api/v1/zones/${id}/transfers?limit=50`)
    if (zone.id !== id || zone.standing !== 'there') return
    if (listed[0] !== undefined) this.transfers.set(id, listed[0])
    const serials = listed.flatMap(({ asked, outcome, to_serial: serial }) =>
      asked !== 'SOA' && outcome === 'done' && serial !== null ? [serial] : [],
    )
    for (const serial of serials) this.served(zone, serial)
  }

  /** A serial was seen to be served. */
  served(zone: ZoneModel, serial: number): void {
    zone.seen = Math.max(zone.seen, zone.contents.versionOf(serial))
  }

  /** One of them, by chance. */
  any<T>(list: readonly T[]): T {
    return list[this.#roll(list.length)] as T
  }
}

/** The server said no, which it never should here. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
