/**
 * The control plane: accounts, tokens, zones, peers, keys, ACLs, and from and to where zones are
 * transferred, with the rules among them.
 *
 * Everything is in memory and in the store. Questions are answered from memory; each change is one transaction of the
 * store, and is answered and told to listeners when it is durable.
 */

import { randomBytes } from 'node:crypto'
import type { Account, Change, StoredAuditLine, Token, User } from '../store/objects.ts'
import type { Secret } from '../store/secret.ts'
import type { AuditQuery } from '../store/store.ts'
import { instantText, type Instant } from './object-id.ts'
import { done } from './problem.ts'
import { Accounts } from './registry-accounts.ts'
import { Acls } from './registry-acls.ts'
import { Desk, type DeskOptions, type Listener, type ObjectStore, type VersionMaker } from './registry-desk.ts'
import { DnsSettingsOfAll } from './registry-dns-settings.ts'
import { Holds } from './registry-holds.ts'
import { Incomings } from './registry-incoming.ts'
import { Outgoings } from './registry-outgoing.ts'
import { OverridesOfAll } from './registry-overrides.ts'
import { Peers } from './registry-peers.ts'
import { accountsByAge } from './registry-state.ts'
import { newTokenSecret, tokenHash, Tokens, type TokenLimits } from './registry-tokens.ts'
import { Tsigs } from './registry-tsigs.ts'
import { Users } from './registry-users.ts'
import { Zones } from './registry-zones.ts'

export interface RegistryOptions {
  readonly store: ObjectStore
  /** The administrator's token. It takes the place of the one before; without it a token is made at the first start. */
  readonly adminToken?: string | undefined
  /** The nameservers that owners of new secondary zones are told. */
  readonly nameServers: readonly string[]
  /** Those of zones that are edited here; the same without a word. */
  readonly primaryNameServers?: readonly string[]
  /** Whether keys with hmac-md5 may be made. */
  readonly tsigMd5: boolean
  /** How many tokens users and accounts may have. */
  readonly tokenLimits?: TokenLimits
  /** How many overrides a zone may have. */
  readonly overridesPerZone?: number
  readonly now?: () => Instant
  readonly newId?: DeskOptions['newId']
}

export interface OpenedRegistry {
  readonly registry: Registry
  /** The administrator's token, if one was made just now. It is told this once. */
  readonly madeToken: Secret | undefined
}

const TOKEN_LIMITS: TokenLimits = { perUser: 50, perAccount: 500 }
const OVERRIDES_PER_ZONE = 1000

const RECORD_ID_KEY = 'record-id-key'
const RECORD_ID_KEY_OCTETS = 16

export class Registry {
  readonly accounts: Accounts
  readonly users: Users
  readonly tokens: Tokens
  readonly zones: Zones
  readonly peers: Peers
  readonly tsigs: Tsigs
  readonly acls: Acls
  readonly incomings: Incomings
  readonly outgoings: Outgoings
  readonly dnsSettings: DnsSettingsOfAll
  readonly holds: Holds
  readonly overrides: OverridesOfAll
  /** What ids of records are enciphered with, the same for as long as the store lives. */
  readonly recordIdKey: Uint8Array
  readonly #desk: Desk

  constructor(
    desk: Desk,
    options: Pick<
      RegistryOptions,
      'nameServers' | 'primaryNameServers' | 'tsigMd5' | 'tokenLimits' | 'overridesPerZone'
    >,
    recordIdKey: Uint8Array,
  ) {
    this.#desk = desk
    this.accounts = new Accounts(desk)
    this.users = new Users(desk)
    this.tokens = new Tokens(desk, options.tokenLimits ?? TOKEN_LIMITS)
    const { nameServers, primaryNameServers = nameServers } = options
    this.zones = new Zones(desk, { secondary: nameServers, full: primaryNameServers })
    this.peers = new Peers(desk)
    this.tsigs = new Tsigs(desk, { md5: options.tsigMd5 })
    this.acls = new Acls(desk)
    this.incomings = new Incomings(desk)
    this.outgoings = new Outgoings(desk)
    this.holds = new Holds(desk)
    this.overrides = new OverridesOfAll(desk, options.overridesPerZone ?? OVERRIDES_PER_ZONE)
    this.dnsSettings = new DnsSettingsOfAll(desk)
    this.recordIdKey = recordIdKey
  }

  /** From now on the versions that changes depend on are made by this. */
  makeVersionsWith(make: VersionMaker): void {
    this.#desk.makeVersion = make
  }

  /** Calls the listener after each change, once it is durable; returns how to stop that. */
  onChange(listener: Listener): () => void {
    return this.#desk.onChange(listener)
  }

  /** Lines of the audit log, newest first. */
  audit(query: AuditQuery): Promise<StoredAuditLine[]> {
    return this.#desk.audit(query)
  }
}

/** Reads the control plane from the store; at the first start makes the account and the administrator's token. */
export async function openRegistry(options: RegistryOptions): Promise<OpenedRegistry> {
  const { store, now = Date.now } = options
  const desk = await Desk.open({ store, now, newId: options.newId })
  const madeToken = await settle(desk, options.adminToken)
  const recordIdKey = await readRecordIdKey(store)
  return { registry: new Registry(desk, options, recordIdKey), madeToken }
}

const ADMIN = 'Administrator'
const ADMIN_EMAIL = 'admin@twinzone.invalid'

/** Sees to it that there are an account, the administrator and a token that works; returns a token it had to make up. */
async function settle(desk: Desk, adminToken: string | undefined): Promise<Secret | undefined> {
  const now = instantText(desk.now())
  const [knownAccount] = accountsByAge(desk.state)
  const account: Account = knownAccount ?? { id: desk.newId(), name: 'Default account', createdOn: now }
  const knownUser = [...desk.state.users.values()].find(({ accountIds }) => accountIds === 'all')
  const user: User = knownUser ?? newAdministrator(desk.newId(), now)
  const before = [...desk.state.tokens.values()].find(({ policies }) => policies === undefined)
  const made = adminToken === undefined && before === undefined ? newTokenSecret() : undefined
  const secret = adminToken ?? made?.reveal()
  const changes: Change[] = []
  if (knownAccount === undefined) changes.push({ put: 'account', object: account })
  if (knownUser === undefined) changes.push({ put: 'user', object: user })
  const hash = secret === undefined ? before?.hash : tokenHash(secret)
  if (hash !== undefined && (hash !== before?.hash || before.userId !== user.id)) {
    if (before !== undefined) changes.push({ remove: 'token', id: before.id })
    const id = hash === before?.hash ? before.id : desk.newId()
    const token: Token = { id, accountId: account.id, userId: user.id, name: ADMIN, hash, createdOn: now }
    changes.push({ put: 'token', object: token })
  }
  if (changes.length > 0) await desk.change(() => done({ value: undefined, changes }))
  return made
}

const newAdministrator = (id: string, now: string): User => ({
  id,
  email: ADMIN_EMAIL,
  accountIds: 'all',
  createdOn: now,
  modifiedOn: now,
})

async function readRecordIdKey(store: ObjectStore): Promise<Uint8Array> {
  const stored = await store.meta(RECORD_ID_KEY)
  if (stored !== undefined) return Buffer.from(stored, 'hex')
  const key = randomBytes(RECORD_ID_KEY_OCTETS)
  await store.setMeta(RECORD_ID_KEY, key.toString('hex'))
  return key
}
