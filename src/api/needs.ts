/**
 * What each route asks of whoever calls it: declared where the route is set, as `config: needs.records.read`.
 *
 * Any one of the groups is enough, and a group that allows to change includes the one that allows to read. Which groups
 * these are is as in the documentation of Cloudflare's API.
 */

import { groupsAbout, type GroupName } from '../engine/permission-groups.ts'

/** What must be granted, and on what. */
export type Needs =
  /** A token that works. The answer shows only what the token may see. */
  | { readonly on: 'nothing' }
  /** The zone that the path names by `:zone_id`, or by `:zone` with its id or its name. */
  | { readonly on: 'zone'; readonly groups: readonly GroupName[] }
  /** An account: the one in the path, in the query, or in the body; without one it is that of the token. */
  | {
      readonly on: 'account'
      readonly named: 'path' | 'query' | 'body'
      readonly groups: readonly GroupName[]
    }
  /** The account in the path, of which anything may be seen. */
  | { readonly on: 'account seen' }
  /** The user that the token belongs to. Without groups it is enough that there is one. */
  | { readonly on: 'user'; readonly groups: readonly GroupName[] }
  /** All that the user has: their key, or a token without policies. */
  | { readonly on: 'everything' }
  /** The whole server: the administrator only. */
  | { readonly on: 'server' }

/** The part of a route's `config` that says what it needs. */
export interface Declared {
  readonly needs: Needs
}

const zone = (...groups: GroupName[]): Declared => ({ needs: { on: 'zone', groups } })
const account = (...groups: GroupName[]): Declared => ({ needs: { on: 'account', named: 'path', groups } })
const user = (...groups: GroupName[]): Declared => ({ needs: { on: 'user', groups } })

/** Every kind of need there is, by what it is about. */
export const needs = {
  /** Any token: the answer is about the token itself, or shows only what it may see. */
  anybody: { needs: { on: 'nothing' } },
  /** A zone as an object. Whoever may do something with it may know of it. */
  zones: {
    read: zone(...groupsAbout('zone')),
    write: zone('Zone Write'),
    create: { needs: { on: 'account', named: 'body', groups: ['Zone Write'] } },
  },
  /** DNS records, DNSSEC. */
  records: { read: zone('DNS Read'), write: zone('DNS Write') },
  /** How a zone is transferred in and out. */
  transfers: {
    read: zone('Zone Settings Read', 'Zone Write', 'DNS Read'),
    write: zone('Zone Settings Write', 'Zone Write', 'DNS Write'),
  },
  /** Peers, TSIG keys and ACLs of an account. */
  peers: { read: account('Account Settings Read'), write: account('Account Settings Write') },
  /** `dns_settings` of a zone. */
  zoneDnsSettings: {
    read: zone('Zone DNS Settings Read', 'DNS Read'),
    write: zone('Zone DNS Settings Write', 'DNS Write'),
  },
  /** `dns_settings` of an account. */
  accountDnsSettings: {
    read: account('Account DNS Settings Read'),
    write: account('Account DNS Settings Write'),
  },
  /** What is not about DNS: pages of settings that clients ask for on the way. */
  zoneSettings: { read: zone('Zone Settings Read', 'Zone Read'), write: zone('Zone Settings Write') },
  accountSettings: { read: account('Account Settings Read'), write: account('Account Settings Write') },
  /** Counts of the records of all zones of an account. */
  accountRecords: { read: account('DNS Read', 'Account Settings Read') },
  notifications: { read: account('Notifications Read'), write: account('Notifications Write') },
  analytics: { read: zone('Analytics Read', 'DNS Read') },
  accounts: { read: { needs: { on: 'account seen' } } },
  audit: { read: { needs: { on: 'account', named: 'query', groups: ['Account Settings Read'] } } },
  accountTokens: { read: account('Account API Tokens Read'), write: account('Account API Tokens Write') },
  userTokens: { read: user('API Tokens Read'), write: user('API Tokens Write') },
  userDetails: { read: user() },
  everything: { needs: { on: 'everything' } },
  /** The server itself, accounts and users. */
  server: { needs: { on: 'server' } },
} as const satisfies Record<string, Declared | Readonly<Record<string, Declared>>>
