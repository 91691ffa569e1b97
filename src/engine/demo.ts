/**
 * The demonstration: a primary and a secondary in one process, and a zone that changes every few seconds.
 *
 * Both are complete servers. The primary's zone is edited there and handed on; the secondary follows it by NOTIFY and
 * signed transfers, as it would follow anybody's. Nothing outlives the process.
 */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseName } from '../dns/name.ts'
import { parseZoneFile } from '../dns/zonefile/parser.ts'
import { isIpv6, isWildcard, parseEndpoint, printEndpoint, type Endpoint } from '../net/address.ts'
import type { TransferRecord } from '../store/store.ts'
import type { Tsig } from '../store/objects.ts'
import type { EditStep } from '../zone/edit-records.ts'
import { storeEdited } from '../zone/edited-record.ts'
import { Engine } from './engine.ts'
import { noLog } from './log.ts'
import { newId } from './object-id.ts'
import type { Outcome } from './problem.ts'
import type { Settings } from './settings.ts'
import { beginThreads } from './threads.ts'

const ZONE = 'demo.example'
const KEY = 'demo-key.'
const CHANGE_MS = 4000

export interface DemoOptions {
  readonly settings: Settings
  readonly say: (line: string) => void
}

export class Demo {
  readonly settings: Settings
  readonly #say: (line: string) => void
  readonly #folder = mkdtempSync(join(tmpdir(), 'twinzone-demo-'))
  readonly #secondaryAt: Endpoint
  readonly #primaryAt: Endpoint
  #primary: Engine | undefined
  #zoneId = ''
  /** What the secondary is to be told of: how often the zone was changed. */
  #changes = 0
  #counter: Uint8Array | undefined
  #timer: NodeJS.Timeout | undefined

  /** Prepares the settings of both servers: data in a folder of its own, the primary on the next port. */
  constructor({ settings, say }: DemoOptions) {
    this.settings = { ...settings, data: join(this.#folder, 'secondary') }
    this.#say = say
    this.#secondaryAt = parseEndpoint(settings.dns[0] ?? '127.0.0.1:5300')
    this.#primaryAt = { address: reachable(this.#secondaryAt), port: this.#secondaryAt.port + 1 }
  }

  /** Hears of the secondary's checks and transfers. */
  readonly transferred = (record: TransferRecord): void => {
    if (record.asked === 'SOA') return
    const { form, toSerial, trigger, key, records, ms, outcome, detail } = record
    const signed = key === undefined ? 'unsigned' : `signed with ${key}`
    this.#say(
      outcome === 'done'
        ? `secondary: ${form} of serial ${toSerial}, ${records} records in ${ms} ms, ${signed} (because of: ${trigger})`
        : `secondary: no transfer: ${detail}`,
    )
  }

  /** Starts the primary, makes the secondary follow it, and goes on changing the zone. */
  async start(secondary: Engine): Promise<void> {
    const settings: Settings = {
      ...this.settings,
      data: join(this.#folder, 'primary'),
      dns: [printEndpoint(this.#primaryAt)],
      transferAllow: [],
    }
    const failed = (error: Error) => this.#say(`primary: ${error.message}`)
    const first = Promise.withResolvers<void>()
    const threads = beginThreads(settings, noLog, failed)
    const primary = await Engine.open(settings, noLog, threads, { edited: () => first.resolve() })
    this.#primary = primary
    await primary.start()
    const secret = randomBytes(32).toString('base64')
    const account = onlyAccount(primary)
    const zone = taken(await primary.registry.zones.create({ accountId: account, name: ZONE, type: 'full' }))
    this.#zoneId = zone.id
    await first.promise
    await primary.runtime.edit(zone.id, { steps: stepsOf(RECORDS) })
    this.#say(`primary: serves ${ZONE} on ${printEndpoint(this.#primaryAt)}`)
    const to = { address: reachable(this.#secondaryAt), port: this.#secondaryAt.port }
    await handOn(primary, { zoneId: zone.id, secret, secondary: to })
    await follow(secondary, { secret, primary: this.#primaryAt })
    this.#say(`secondary: follows it on ${printEndpoint(this.#secondaryAt)}; ask it yourself:`)
    this.#say(`  dig @${this.#secondaryAt.address} -p ${this.#secondaryAt.port} counter.${ZONE} TXT`)
    await this.#change()
    this.#timer = setInterval(() => void this.#change(), CHANGE_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#primary?.stop()
  }

  /** Removes what was written. */
  clean(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** A new version of the zone; the primary tells the secondary of it by itself. */
  async #change(): Promise<void> {
    const [{ add } = {}] = stepsOf(`counter TXT "${++this.#changes}"`)
    if (this.#primary === undefined || add === undefined) return
    const step: EditStep = this.#counter === undefined ? { add } : { remove: this.#counter, add }
    const outcome = await this.#primary.runtime.edit(this.#zoneId, { steps: [step] })
    if (outcome?.type !== 'edited') throw new Error(`the zone could not be changed: ${JSON.stringify(outcome)}`)
    this.#counter = add
    this.#say(`primary: serial ${outcome.soa.serial}: counter.${ZONE} TXT "${this.#changes}"`)
  }
}

/** Where both servers reach one another: the address itself, or loopback where it stands for all. */
function reachable({ address }: Endpoint): string {
  if (!isWildcard(address)) return address
  return isIpv6(address) ? '::1' : '127.0.0.1'
}

const onlyAccount = ({ registry }: Engine): string => registry.accounts.all()[0]?.id ?? ''

async function addKey({ tsigs }: Engine['registry'], account: string, secret: string): Promise<Tsig> {
  return taken(await tsigs.create(account, { name: KEY, algo: 'hmac-sha256.', secret }))
}

/** What hands a zone on: key, peer, outgoing, and that it is enabled. */
async function handOn(
  { registry }: Engine,
  { zoneId, secret, secondary }: { zoneId: string; secret: string; secondary: Endpoint },
): Promise<void> {
  const account = registry.zones.get(zoneId)?.accountId ?? ''
  const key = await addKey(registry, account, secret)
  const draft = { name: 'demo secondary', ip: secondary.address, port: secondary.port, tsigId: key.id }
  const peer = taken(await registry.peers.create(account, draft))
  taken(await registry.outgoings.create(zoneId, { name: `${ZONE}.`, peers: [peer.id] }, { mixedKeys: false }))
  taken(await registry.outgoings.enable(zoneId))
}

/** The four things that make a secondary zone: key, peer, zone, incoming. */
async function follow(secondary: Engine, { secret, primary }: { secret: string; primary: Endpoint }): Promise<void> {
  const { registry } = secondary
  const account = onlyAccount(secondary)
  const key = await addKey(registry, account, secret)
  const draft = { name: 'demo primary', ip: primary.address, port: primary.port, ixfrEnable: true, tsigId: key.id }
  const peer = taken(await registry.peers.create(account, draft))
  const zone = taken(await registry.zones.create({ accountId: account, name: ZONE, type: 'secondary' }))
  const incoming = { name: `${ZONE}.`, peers: [peer.id], autoRefreshSeconds: 0 }
  taken(await registry.incomings.create(zone.id, incoming, { mixedKeys: false }))
}

function taken<T>(outcome: Outcome<T>): T {
  if (outcome.type === 'done') return outcome.value
  throw new Error(outcome.problems.map(({ text }) => text).join('; '))
}

/** The records of a master file, as somebody would enter them one by one. */
function stepsOf(text: string): EditStep[] {
  const apex = parseName(`${ZONE}.`)
  const now = Date.now()
  const times = { createdAt: now, modifiedAt: now }
  return [...parseZoneFile(text, { origin: apex, defaultTtl: 300 })].flatMap((item): EditStep[] => {
    if (item.type !== 'record') return []
    const { owner, type, ttl, rdata } = item.record
    return [
      { add: storeEdited({ id: newId(), owner, type, ttl, rdata, proxied: false, ...times, attributes: {} }, apex) },
    ]
  })
}

const RECORDS = `
$TTL 300
@        MX    10 mail
@        TXT   "v=spf1 mx -all"
mail     A     192.0.2.25
www      CNAME @
*.apps   A     192.0.2.80
`
