/**
 * The demonstration: a primary and a secondary in one process, and a zone that changes every few seconds.
 *
 * Both are complete servers. The primary's zone comes from a master file below; the secondary follows it by NOTIFY and
 * signed transfers, as it would follow anybody's. Nothing outlives the process.
 */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLASS, OPCODE } from '../dns/code.ts'
import { newMessage } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { parseName } from '../dns/name.ts'
import { signRequest } from '../dns/tsig-sign.ts'
import { parseEndpoint, printEndpoint, type Endpoint } from '../net/address.ts'
import { udpExchange } from '../net/exchange.ts'
import type { TransferRecord } from '../store/store.ts'
import type { Tsig } from '../store/objects.ts'
import { TYPE } from '../zone/stored-record.ts'
import { Engine } from './engine.ts'
import { hmac, tsigKey } from './keys.ts'
import { noLog } from './log.ts'
import type { Outcome } from './problem.ts'
import type { Settings } from './settings.ts'

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
  #key: Tsig | undefined
  #serial = 0
  #timer: NodeJS.Timeout | undefined

  /** Prepares the settings of both servers: data in a folder of its own, the primary on the next port. */
  constructor({ settings, say }: DemoOptions) {
    this.settings = { ...settings, data: join(this.#folder, 'secondary') }
    this.#say = say
    this.#secondaryAt = parseEndpoint(settings.dns[0] ?? '127.0.0.1:5300')
    this.#primaryAt = { address: '127.0.0.1', port: this.#secondaryAt.port + 1 }
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
      transferAllow: ['127.0.0.0/8'],
    }
    const failed = (error: Error) => this.#say(`primary: ${error.message}`)
    this.#primary = await Engine.open(settings, noLog, failed, { transferKeys: [KEY] })
    await this.#primary.start()
    const secret = randomBytes(32).toString('base64')
    this.#key = await addKey(this.#primary, secret)
    const account = onlyAccount(this.#primary)
    taken(await this.#primary.registry.zones.create({ accountId: account, name: ZONE, type: 'full' }))
    this.#say(`primary: serves ${ZONE} on ${printEndpoint(this.#primaryAt)}`)
    await this.#change()
    await follow(secondary, { secret, primary: this.#primaryAt })
    this.#say(`secondary: follows it on ${printEndpoint(this.#secondaryAt)}; ask it yourself:`)
    this.#say(`  dig @${this.#secondaryAt.address} -p ${this.#secondaryAt.port} counter.${ZONE} TXT`)
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

  /** A new version of the zone, and a NOTIFY to the secondary. */
  async #change(): Promise<void> {
    const primary = this.#primary
    const zone = primary?.registry.zones.named(ZONE)
    const hosted = zone && primary?.hosting.get(zone.id)
    if (primary === undefined || hosted === undefined) return
    this.#serial++
    const problem = await primary.contents.publish(hosted.number, zoneFile(this.#serial))
    if (problem !== undefined) throw new Error(problem)
    this.#say(`primary: serial ${this.#serial}: counter.${ZONE} TXT "${this.#serial}"`)
    await this.#notify()
  }

  async #notify(): Promise<void> {
    const key = this.#key && tsigKey(this.#key)
    if (key === undefined) return
    const question = { name: parseName(`${ZONE}.`), type: TYPE.SOA, class: CLASS.IN }
    const message = (id: number) => {
      const notify = newMessage({ id, opcode: OPCODE.NOTIFY, aa: true, questions: [question] })
      return signRequest(writeMessage(notify), key, { hmac, now: Date.now() }).octets
    }
    await udpExchange(this.#secondaryAt, message, { timeoutMs: 1000, tries: 1 })
  }
}

const onlyAccount = ({ registry }: Engine): string => registry.accounts.all()[0]?.id ?? ''

async function addKey(engine: Engine, secret: string): Promise<Tsig> {
  return taken(await engine.registry.tsigs.create(onlyAccount(engine), { name: KEY, algo: 'hmac-sha256.', secret }))
}

/** The four things that make a secondary zone: key, peer, zone, incoming. */
async function follow(secondary: Engine, { secret, primary }: { secret: string; primary: Endpoint }): Promise<void> {
  const { registry } = secondary
  const account = onlyAccount(secondary)
  const key = await addKey(secondary, secret)
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

function zoneFile(serial: number): string {
  return `
$TTL 300
@        SOA   ns1 hostmaster ${serial} 60 10 3600 60
@        NS    ns1
@        NS    ns2
@        MX    10 mail
@        TXT   "v=spf1 mx -all"
ns1      A     192.0.2.1
ns1      AAAA  2001:db8::1
ns2      A     192.0.2.2
mail     A     192.0.2.25
www      CNAME @
*.apps   A     192.0.2.80
counter  TXT   "${serial}"
`
}
