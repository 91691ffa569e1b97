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

/** A person who uses the API: may do everything in some accounts, and hand on a part of that in tokens. */
export interface User {
  readonly id: string
  readonly email: string
  /** All there are now and later, or these. */
  readonly accountIds: 'all' | readonly string[]
  /** The SHA-256 of the global key in hexadecimal digits; absent until one was made. */
  readonly keyHash?: string
  readonly createdOn: string
  readonly modifiedOn: string
}

/** An API token. Its text is never kept, only the SHA-256 of it in hexadecimal digits. */
export interface Token {
  readonly id: string
  /** The account it belongs to, or for a token of a user that in which new things go. */
  readonly accountId: string
  /** The user it belongs to; absent for the tokens of an account. */
  readonly userId?: string
  readonly name: string
  readonly hash: string
  readonly status?: 'active' | 'disabled'
  /** What it may do, in the order in which it was said. Absent: everything that its user may. */
  readonly policies?: readonly TokenPolicy[]
  readonly condition?: TokenCondition
  readonly notBefore?: string
  readonly expiresOn?: string
  readonly createdOn: string
  readonly modifiedOn?: string
  /** To within some minutes: not every use is written down. */
  readonly lastUsedOn?: string
}

/** Allows groups of operations on resources, or denies them. */
export interface TokenPolicy {
  readonly id: string
  readonly effect: 'allow' | 'deny'
  readonly permissionGroups: readonly { readonly id: string; readonly meta?: Readonly<Record<string, string>> }[]
  /** By their names, as `com.cloudflare.api.account.zone.*`: all of it, or resources within it. */
  readonly resources: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** From which networks a token may be used. */
export interface TokenCondition {
  readonly addressesIn?: readonly string[]
  readonly addressesNotIn?: readonly string[]
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
  /** It became secondary and its contents are those it had: the first transfer replaces them, whatever the serials. */
  readonly ownContents?: true
  /** Since when it is delegated to others; absent unless its status is `moved`. */
  readonly movedOn?: string
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

/** To which peers a zone is handed on, and whether it is. */
export interface Outgoing {
  readonly zoneId: string
  readonly name: string
  readonly peers: readonly string[]
  readonly enabled: boolean
  /** The backlog was emptied at this serial: whoever has an older one is sent the zone in full. */
  readonly backlogFromSerial?: number
  /** Of the version that was transferred out last; 0 if none ever was. */
  readonly soaSerial: number
  readonly createdTime: string
  readonly checkedTime: string
  readonly lastTransferredTime: string
}

/** How a zone is answered for, beyond its records: what `dns_settings` of the Cloudflare API says. Times in seconds. */
export interface DnsSettings {
  readonly multiProvider: boolean
  readonly secondaryOverrides: boolean
  readonly flattenAllCnames: boolean
  readonly foundationDns: boolean
  readonly nameservers: { readonly type: string; readonly nsSet?: number; readonly nameserverSetId?: string }
  readonly nsTtl: number
  readonly soa: {
    /** Null for our first nameserver. */
    readonly mname: string | null
    readonly rname: string
    readonly refresh: number
    readonly retry: number
    readonly expire: number
    readonly minTtl: number
    readonly ttl: number
  }
  readonly zoneMode: 'standard' | 'cdn_only' | 'dns_only'
  /** How serials are counted: our own, not Cloudflare's. Absent for as the server's settings say. */
  readonly serial?: 'counter' | 'unixtime' | 'date'
}

/** The settings of one zone; a zone without has the defaults. */
export interface ZoneDnsSettings extends DnsSettings {
  readonly zoneId: string
}

/** What new zones of an account begin with. */
export interface AccountDnsSettings {
  readonly accountId: string
  readonly zoneDefaults: DnsSettings
  /** Proxied records are answered as they are, whatever they wish for. */
  readonly enforceDnsOnly: boolean
}

/** Keeps others from setting up a zone of the same name. */
export interface Hold {
  readonly zoneId: string
  readonly includeSubdomains: boolean
  /** RFC 3339; from then on it holds. Null for at once. */
  readonly holdAfter: string | null
}

/** The records that are answered in place of what was transferred into a secondary zone. */
export interface Overrides {
  readonly zoneId: string
  /** Another one after each change. */
  readonly revision: number
  /** Edited records in stored form (src/zone/edited-record.ts), in hexadecimal digits, the oldest first. */
  readonly records: readonly string[]
}

/** The addresses that a name led to when it was last looked up, in hexadecimal digits. */
export interface Flattened {
  /** In presentation format, in lower case. */
  readonly target: string
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
  readonly ttl: number
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
  readonly user: User
  readonly token: Token
  readonly zone: Zone
  readonly peer: Peer
  readonly tsig: Tsig
  readonly acl: Acl
  readonly incoming: Incoming
  readonly outgoing: Outgoing
  readonly zoneDnsSettings: ZoneDnsSettings
  readonly accountDnsSettings: AccountDnsSettings
  readonly hold: Hold
  readonly overrides: Overrides
  readonly flattened: Flattened
  readonly timers: Timers
  readonly setting: StoredSetting
}

export type ObjectKind = keyof Objects
export type StoredObject<K extends ObjectKind = ObjectKind> = Objects[K]

/** Which field identifies an object, and which fields one can ask for. Each of them is a column of its own. */
export const OBJECT_FIELDS = {
  account: { key: 'id', searched: ['name'] },
  user: { key: 'id', searched: ['email'] },
  token: { key: 'id', searched: ['accountId', 'hash'] },
  zone: { key: 'id', searched: ['accountId', 'name'] },
  peer: { key: 'id', searched: ['accountId', 'name'] },
  tsig: { key: 'id', searched: ['accountId', 'name'] },
  acl: { key: 'id', searched: ['accountId', 'name'] },
  incoming: { key: 'zoneId', searched: ['name'] },
  outgoing: { key: 'zoneId', searched: ['name'] },
  zoneDnsSettings: { key: 'zoneId', searched: [] },
  accountDnsSettings: { key: 'accountId', searched: [] },
  hold: { key: 'zoneId', searched: [] },
  overrides: { key: 'zoneId', searched: [] },
  flattened: { key: 'target', searched: [] },
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
  /** Forgets all versions of a zone, its log of transfers, and what was asked of it. */
  | { readonly removeContents: string }
  /** Whoever has an older version of a zone than the newest is told no differences: he is given the zone whole. */
  | { readonly endBacklog: string }
  /** A line of the audit log: becomes true with what it tells of, or not at all. */
  | { readonly audit: AuditLine }

/** Who did what. */
export interface AuditLine {
  /** In milliseconds. */
  readonly at: number
  readonly accountId: string
  readonly zoneId?: string
  /** The token it was done with, and the user it belongs to; both absent for what the server did by itself. */
  readonly tokenId?: string
  readonly userId?: string
  /** What was done, say `record.create`. */
  readonly action: string
  /** What was changed, as it reads in the API, `before` and `after`: no secrets. */
  readonly object?: Readonly<Record<string, unknown>>
}

export interface StoredAuditLine extends AuditLine {
  /** Grows with time: a page ends where the next begins. */
  readonly id: number
}

/** What identifies an object among those of its kind. */
export function idOf(kind: ObjectKind, object: StoredObject): string {
  return (object as unknown as Record<string, string>)[OBJECT_FIELDS[kind].key] as string
}
