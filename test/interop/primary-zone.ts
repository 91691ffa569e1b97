/** A zone that is edited on our server by its API, and handed on from there. */

import type { Endpoint } from './endpoint.ts'
import type { TransferKey } from './peers/kind.ts'
import type { Twinzone } from './twinzone.ts'
import { waitFor } from './wait.ts'

/** How one secondary stands, as `GET /api/v1/zones/{zone}/outgoing` tells it. */
export interface SecondaryState {
  readonly state: string
  readonly notified_serial: number | null
  readonly failure: string | null
  readonly pulled_serial: number | null
}

export interface SentTransfer {
  readonly asked: string
  readonly form: string | null
  readonly outcome: string
  readonly reason: string | null
  readonly detail: string | null
  readonly key: string | null
  readonly records: number
  readonly from_serial: number | null
  readonly to_serial: number | null
}

export class PrimaryZone {
  readonly server: Twinzone
  readonly apex: string
  readonly id: string
  #records = 0

  private constructor(server: Twinzone, apex: string, id: string) {
    this.server = server
    this.apex = apex
    this.id = id
  }

  static async make(server: Twinzone, apex: string): Promise<PrimaryZone> {
    const body = { account: { id: await server.account() }, name: apex.replace(/\.$/, ''), type: 'full' }
    const { id } = await server.api<{ id: string }>('POST', '/client/v4/zones', body)
    await server.waitForSerial(apex)
    return new PrimaryZone(server, apex, id)
  }

  /** A zone that somebody else has made of type secondary. */
  static of(server: Twinzone, apex: string, id: string): PrimaryZone {
    return new PrimaryZone(server, apex, id)
  }

  /** Sets to whom it is handed on, and enables that. */
  async handOn(secondaries: readonly Endpoint[], key?: TransferKey): Promise<void> {
    const signed = key === undefined ? {} : { keyId: await this.server.addKey(key) }
    const peers: string[] = []
    for (const endpoint of secondaries) peers.push(await this.server.addPeer({ endpoint, ...signed }))
    await this.outgoing('POST', '', { name: this.apex, peers })
    await this.outgoing('POST', '/enable')
  }

  /** Calls something below the outgoing configuration. */
  outgoing<T>(method: string, path = '', body?: unknown): Promise<T> {
    return this.server.api<T>(method, `/client/v4/zones/${this.id}/secondary_dns/outgoing${path}`, body)
  }

  /** Adds a record; gives its id. */
  async add(record: { type: string; name: string; content?: string; data?: object; ttl?: number }): Promise<string> {
    const body = { ttl: 300, ...record, name: `${record.name}.${this.apex.replace(/\.$/, '')}` }
    return (await this.server.api<{ id: string }>('POST', `/client/v4/zones/${this.id}/dns_records`, body)).id
  }

  async change(id: string, members: object): Promise<void> {
    await this.server.api('PATCH', `/client/v4/zones/${this.id}/dns_records/${id}`, members)
  }

  async remove(id: string): Promise<void> {
    await this.server.api('DELETE', `/client/v4/zones/${this.id}/dns_records/${id}`)
  }

  /** Many records in one version. */
  async addMany(count: number): Promise<void> {
    const name = (): string => `h${++this.#records}.${this.apex.replace(/\.$/, '')}`
    const posts = Array.from({ length: count }, () => {
      const owner = name()
      return { type: 'TXT', name: owner, content: `"${owner} ${'x'.repeat(100)}"`, ttl: 300 }
    })
    await this.server.api('POST', `/client/v4/zones/${this.id}/dns_records/batch`, { posts })
  }

  /** The serial it is answered with. */
  serial(): Promise<number> {
    return this.server.waitForSerial(this.apex)
  }

  async secondaries(): Promise<readonly SecondaryState[]> {
    const path = `/api/v1/zones/${this.id}/outgoing`
    return (await this.server.api<{ peers: SecondaryState[] }>('GET', path)).peers
  }

  /** Waits until the first secondary stands like this. */
  waitForSecondary(like: (state: SecondaryState) => boolean): Promise<SecondaryState> {
    return waitFor('a secondary that stands so', async () => (await this.secondaries()).find(like))
  }

  /** The transfers out that were noted, oldest first. */
  async sent(): Promise<readonly SentTransfer[]> {
    const path = `/api/v1/zones/${this.id}/transfers?direction=out&limit=500`
    return (await this.server.api<SentTransfer[]>('GET', path)).toReversed()
  }
}
