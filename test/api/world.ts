/** A server for tests: the real API over the real control plane, a store in memory, and zones that the test writes. */

import type { FastifyInstance } from 'fastify'
import { createApi } from '../../src/api/server.ts'
import type { ApiOptions } from '../../src/api/context.ts'
import { parseName } from '../../src/dns/name.ts'
import { Analytics, type Span } from '../../src/engine/analytics.ts'
import { loadConfig } from '../../src/engine/config.ts'
import { noLog } from '../../src/engine/log.ts'
import { newId, type Id } from '../../src/engine/object-id.ts'
import { openRegistry, type Registry, type RegistryOptions } from '../../src/engine/registry.ts'
import type { ForceOutcome, OutgoingFacts, RecordReader, ZoneFacts, ZoneRuntime } from '../../src/engine/runtime.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { PRIMARY_DEFAULTS } from '../../src/engine/settings.ts'
import type { StoredTransfer } from '../../src/store/store.ts'
import { EditedZones } from './edited-zones.ts'
import { readerOf, storedRecords } from './records.ts'

export const TOKEN = 'a-token-that-nobody-would-guess-in-tests'
export const NAME_SERVERS = ['ns1.secondary.example.net', 'ns2.secondary.example.net']

/** Noon of a day in spring. */
export const START = Date.UTC(2026, 3, 5, 12)

const NO_FACTS: ZoneFacts = {
  state: 'empty',
  soaSerial: undefined,
  recordCount: 0,
  checkedAt: undefined,
  modifiedAt: undefined,
  nextCheckAt: undefined,
  expiresAt: undefined,
  primaries: [],
  transfer: undefined,
}

/** Zones as the test wants them, and a note of what was asked for. */
class FakeRuntime implements ZoneRuntime {
  readonly forced: { zoneId: Id; full: boolean }[] = []
  readonly log: StoredTransfer[] = []
  waitingFor: string[] = []
  forceOutcome: ForceOutcome = { type: 'started' }
  held = 0
  /** Zones whose peers were to be told. */
  readonly notified: Id[] = []
  readonly #outgoing = new Map<Id, OutgoingFacts>()
  readonly #facts = new Map<Id, ZoneFacts>()
  readonly #readers = new Map<Id, RecordReader>()
  readonly edited = new EditedZones()
  readonly analytics: Analytics

  constructor(analytics: Analytics) {
    this.analytics = analytics
  }

  setFacts(zoneId: Id, facts: Partial<ZoneFacts>): void {
    this.#facts.set(zoneId, { ...NO_FACTS, ...this.#facts.get(zoneId), ...facts })
  }

  /** Gives a zone the contents of a master file. */
  setContents(zoneId: Id, name: string, text: string, version = 1): void {
    const apex = parseName(name)
    this.setReader(zoneId, readerOf(apex, storedRecords(text, apex), version))
  }

  setReader(zoneId: Id, reader: RecordReader): void {
    this.#readers.set(zoneId, reader)
    this.setFacts(zoneId, { state: 'serving', recordCount: reader.recordCount })
  }

  facts(zoneId: Id): ZoneFacts | undefined {
    return this.#facts.get(zoneId)
  }

  setOutgoing(zoneId: Id, facts: OutgoingFacts): void {
    this.#outgoing.set(zoneId, facts)
  }

  outgoing(zoneId: Id): OutgoingFacts | undefined {
    return this.#outgoing.get(zoneId)
  }

  notify(zoneId: Id): void {
    this.notified.push(zoneId)
  }

  async forceTransfer(zoneId: Id, { full }: { full: boolean }): Promise<ForceOutcome> {
    this.forced.push({ zoneId, full })
    return this.forceOutcome
  }

  records(zoneId: Id): RecordReader | undefined {
    const reader = this.edited.records(zoneId) ?? this.#readers.get(zoneId)
    if (reader === undefined) return undefined
    this.held++
    const release = () => void this.held--
    return {
      edited: reader.edited,
      apex: reader.apex,
      version: reader.version,
      recordCount: reader.recordCount,
      records: (from) => reader.records(from),
      recordsOf: (owner) => reader.recordsOf(owner),
      byId: (id) => reader.byId(id),
      release,
    }
  }

  served(zoneId: Id): RecordReader | undefined {
    return this.edited.served(zoneId) ?? this.records(zoneId)
  }

  async edit(zoneId: Id, edit: Parameters<ZoneRuntime['edit']>[1]) {
    return this.edited.edit(zoneId, edit)
  }

  /** Zones that are found to be active when somebody looks. */
  activated: (zoneId: Id) => Promise<unknown> = async () => {}

  async checkActivation(zoneId: Id): Promise<void> {
    if (this.#facts.get(zoneId)?.state === 'serving') await this.activated(zoneId)
  }

  async transfers({ zoneId, before, direction, limit }: Parameters<ZoneRuntime['transfers']>[0]) {
    return this.log
      .filter((each) => each.zoneId === zoneId && (before === undefined || each.id < before))
      .filter((each) => direction === undefined || each.direction === direction)
      .sort((a, b) => b.id - a.id)
      .slice(0, limit)
  }

  questions(zoneId: Id, span: Span) {
    return this.analytics.questions(zoneId, span)
  }

  status() {
    return {
      version: '1.2.3',
      startedAt: START,
      waitingFor: this.waitingFor,
      dns: ['127.0.0.1:5300'],
      http: ['127.0.0.1:8053'],
      https: ['127.0.0.1:8443'],
      zones: { serving: 1, empty: 0, expired: 0 },
      records: 10,
      transfersRunning: 0,
    }
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Record<string, unknown>
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any
}

interface Call {
  readonly headers?: Record<string, string>
  readonly payload?: string
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface World {
  readonly api: FastifyInstance
  readonly registry: Registry
  readonly runtime: FakeRuntime
  readonly store: MemoryStore
  readonly clock: { now: number }
  readonly accountId: Id
  /** Calls the Cloudflare face with the token; `body` goes out as JSON. */
  readonly call: (method: Method, path: string, body?: unknown, call?: Call) => Promise<Answer>
  /** The path of the account's transfer objects. */
  readonly account: (path: string) => string
  readonly zone: (name: string, type?: 'secondary' | 'full') => Promise<Id>
  readonly peer: (members?: object) => Promise<Id>
}

export async function openWorld(
  options: Partial<RegistryOptions> &
    Pick<Partial<ApiOptions>, 'rateLimit' | 'authKeys' | 'trustedProxies' | 'resolver' | 'primary'> = {},
): Promise<World> {
  const clock = { now: START }
  const store = (options.store as MemoryStore | undefined) ?? new MemoryStore()
  const now = () => clock.now
  const defaults = { adminToken: TOKEN, nameServers: NAME_SERVERS, tsigMd5: false, now }
  const { registry } = await openRegistry({ ...defaults, ...options, store })
  const analytics = await Analytics.open({
    zones: registry.zones,
    store,
    settings: loadConfig({ environment: {} }),
    clock: { now, after: () => ({ cancel() {} }) },
    log: noLog,
    gather: async () => {},
    failed(error) {
      throw error
    },
  })
  const runtime = new FakeRuntime(analytics)
  registry.onChange((event) => {
    if (event.type === 'zone added' && event.zone.type === 'full') runtime.edited.add(event.zone)
  })
  runtime.activated = (zoneId) => registry.zones.activate(zoneId)
  const metrics = { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: async () => 'twinzone_up 1\n' }
  const { rateLimit, authKeys = false, trustedProxies = [], resolver, primary = PRIMARY_DEFAULTS } = options
  const more = { rateLimit, authKeys, trustedProxies, resolver, primary }
  const api = createApi({ registry, runtime, metrics, log: noLog, now, ...more })
  const [account] = registry.accounts.all()
  const accountId = account?.id ?? ''

  const call: World['call'] = async (method, path, body, { headers = {}, payload } = {}) => {
    const url = path.startsWith('/client') || path.startsWith('/api') ? path : `/client/v4${path}`
    const sent = payload ?? (body === undefined ? undefined : JSON.stringify(body))
    const answered = await api.inject({
      method,
      url,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(sent === undefined ? {} : { payload: sent }),
    })
    return {
      status: answered.statusCode,
      headers: answered.headers,
      text: answered.body,
      body: parsed(answered.body),
    }
  }

  return {
    api,
    registry,
    runtime,
    store,
    clock,
    accountId,
    call,
    account: (path) => `/accounts/${accountId}/secondary_dns/${path}`,
    zone: async (name, type = 'secondary') =>
      (await call('POST', '/zones', { account: { id: accountId }, name, type })).body.result.id as Id,
    peer: async (members = {}) =>
      (await call('POST', `/accounts/${accountId}/secondary_dns/peers`, { name: 'ns', ip: '192.0.2.1', ...members }))
        .body.result.id as Id,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An id that nothing has. */
export const STRANGE_ID = newId()
