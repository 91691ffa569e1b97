/**
 * The control-plane objects as they are kept: who may do what, which zones there are, where they come from.
 *
 * Ids are 32 hexadecimal digits in lower case. Instants in objects that the API shows are RFC 3339 texts; those of
 * machines are milliseconds. An object is stored as JSON, so a field that is undefined is absent when it comes back.
 */

import type { Secret } from './secret.ts'

/** The tenant that zones, peers and keys belong to. */
export interface Account {
  readonly id: string
  readonly name: string
  readonly createdOn: string
}

/** An API token. Its text is never kept, only the SHA-256 of it in hexadecimal digits. */
export interface Token {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly hash: string
  readonly createdOn: string
}

export interface Zone {
  readonly id: string
  readonly accountId: string
  /** The apex as an A-label, in lower case, without the trailing dot. */
  readonly name: string
  readonly type: 'secondary' | 'full'
  readonly status: 'initializing' | 'pending' | 'active' | 'moved'
  readonly paused: boolean
  readonly nameServers: readonly string[]
  readonly createdOn: string
  readonly modifiedOn: string
  readonly activatedOn: string | null
}

/** Another server that zones are transferred from. */
export interface Peer {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly ip: string
  readonly port: number
  readonly ixfrEnable: boolean
  readonly tsigId?: string
}

/** A TSIG key (RFC 8945). The secret is sealed before it reaches the disk. */
export interface Tsig {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly algo: string
  readonly secret: Secret
}

/** A network that may do something, say send NOTIFY or transfer zones out. */
export interface Acl {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly ipRange: string
  readonly createdTime: string
  readonly modifiedTime: string
}

/** From which peers a secondary zone comes. */
export interface Incoming {
  readonly zoneId: string
  readonly name: string
  readonly peers: readonly string[]
  readonly autoRefreshSeconds: number
  readonly soaSerial: number
  readonly createdTime: string
  readonly checkedTime: string
  readonly modifiedTime: string
}

/** What the refresh machine of a zone must remember over a restart. */
interface Timers {
  readonly zoneId: string
  readonly state: unknown
}

/** A setting that is changed while the server runs. */
interface StoredSetting {
  readonly name: string
  readonly value: unknown
}

interface Objects {
  readonly account: Account
  readonly token: Token
  readonly zone: Zone
  readonly peer: Peer
  readonly tsig: Tsig
  readonly acl: Acl
  readonly incoming: Incoming
  readonly timers: Timers
  readonly setting: StoredSetting
}

export type ObjectKind = keyof Objects
export type StoredObject<K extends ObjectKind = ObjectKind> = Objects[K]

/** Which field identifies an object, and which fields one can ask for. Each of them is a column of its own. */
export const OBJECT_FIELDS = {
  account: { key: 'id', searched: ['name'] },
  token: { key: 'id', searched: ['accountId', 'hash'] },
  zone: { key: 'id', searched: ['accountId', 'name'] },
  peer: { key: 'id', searched: ['accountId', 'name'] },
  tsig: { key: 'id', searched: ['accountId', 'name'] },
  acl: { key: 'id', searched: ['accountId', 'name'] },
  incoming: { key: 'zoneId', searched: ['name'] },
  timers: { key: 'zoneId', searched: [] },
  setting: { key: 'name', searched: [] },
} as const satisfies { [K in ObjectKind]: { key: keyof Objects[K]; searched: readonly (keyof Objects[K])[] } }

export const OBJECT_KINDS = Object.keys(OBJECT_FIELDS) as ObjectKind[]

type FieldsOf<K extends ObjectKind> = (typeof OBJECT_FIELDS)[K]

/** Values that the objects asked for must have, all of them. */
export type Where<K extends ObjectKind> = {
  readonly [F in FieldsOf<K>['key'] | FieldsOf<K>['searched'][number]]?: string
}

/** Puts an object in the place of the one with its id, or adds it. */
export type Put = { readonly [K in ObjectKind]: { readonly put: K; readonly object: Objects[K] } }[ObjectKind]

/** One step of a change. What is not there is removed without complaint. */
export type Change =
  | Put
  | { readonly remove: ObjectKind; readonly id: string }
  /** Forgets all versions and the log of transfers of a zone. */
  | { readonly removeContents: string }

/** What identifies an object among those of its kind. */
export function idOf(kind: ObjectKind, object: StoredObject): string {
  return (object as unknown as Record<string, string>)[OBJECT_FIELDS[kind].key] as string
}
