/**
 * The control plane as it is now, in memory: every object of the store, with the indexes that rules and lists need.
 *
 * `apply` is the only way in. It takes a change and tells what it means to those who act upon it.
 */

import { OBJECT_KINDS } from '../store/objects.ts'
import type {
  Account,
  AccountDnsSettings,
  Acl,
  Change,
  Hold,
  Incoming,
  ObjectKind,
  Outgoing,
  Overrides,
  StoredObject,
} from '../store/objects.ts'
import type { Peer, Token, Tsig, User, Zone, ZoneDnsSettings } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import { Collection, Users } from './collection.ts'
import type { Id } from './object-id.ts'
import { ZoneIndex } from './zone-index.ts'

/** What has changed, for those who act upon it. `before` and `after` are undefined for what is new and what is gone. */
export type RegistryEvent =
  | { readonly type: 'zone added'; readonly zone: Zone }
  | { readonly type: 'zone changed'; readonly zone: Zone; readonly before: Zone }
  | { readonly type: 'zone removed'; readonly zone: Zone }
  | { readonly type: 'incoming set'; readonly incoming: Incoming; readonly before: Incoming | undefined }
  | { readonly type: 'incoming removed'; readonly incoming: Incoming }
  | { readonly type: 'outgoing changed'; readonly before: Outgoing | undefined; readonly after: Outgoing | undefined }
  | { readonly type: 'dns settings changed'; readonly zoneId: Id; readonly after: ZoneDnsSettings | undefined }
  | { readonly type: 'overrides changed'; readonly zoneId: Id; readonly after: Overrides | undefined }
  | {
      readonly type: 'account dns settings changed'
      readonly before: AccountDnsSettings | undefined
      readonly after: AccountDnsSettings
    }
  | { readonly type: 'peer changed'; readonly before: Peer | undefined; readonly after: Peer | undefined }
  | { readonly type: 'tsig changed'; readonly before: Tsig | undefined; readonly after: Tsig | undefined }
  | { readonly type: 'acl changed'; readonly before: Acl | undefined; readonly after: Acl | undefined }

export class RegistryState {
  readonly accounts = new Map<Id, Account>()
  readonly users = new Map<Id, User>()
  readonly tokens = new Map<Id, Token>()
  readonly #tokensByHash = new Map<string, Token>()
  readonly zones = new ZoneIndex()
  readonly peers = new Collection<Peer>()
  readonly tsigs = new Collection<Tsig>()
  readonly acls = new Collection<Acl>()
  readonly incomings = new Map<Id, Incoming>()
  readonly outgoings = new Map<Id, Outgoing>()
  readonly zoneDnsSettings = new Map<Id, ZoneDnsSettings>()
  readonly accountDnsSettings = new Map<Id, AccountDnsSettings>()
  readonly holds = new Map<Id, Hold>()
  readonly overrides = new Map<Id, Overrides>()
  /** What can go without anybody being told. */
  readonly #quiet = {
    account: this.accounts,
    user: this.users,
    accountDnsSettings: this.accountDnsSettings,
    hold: this.holds,
  }
  /** The zones that are fetched from a peer. */
  readonly zonesOfPeer = new Users()
  /** The zones that are handed on to a peer. */
  readonly zonesToPeer = new Users()
  /** The peers that sign with a key. */
  readonly peersOfTsig = new Users()

  /** The token whose secret has this hash. */
  tokenWithHash(hash: string): Token | undefined {
    return this.#tokensByHash.get(hash)
  }

  apply(change: Change): RegistryEvent | undefined {
    if ('remove' in change) return this.#remove(change.remove, change.id)
    if (!('put' in change)) return undefined
    switch (change.put) {
      case 'account':
        this.accounts.set(change.object.id, change.object)
        return undefined
      case 'user':
        this.users.set(change.object.id, change.object)
        return undefined
      case 'token':
        this.#setToken(this.tokens.get(change.object.id), change.object)
        return undefined
      case 'zone':
        return this.#putZone(change.object)
      case 'peer':
        return this.#setPeer(this.peers.get(change.object.id), change.object)
      case 'tsig':
        return { type: 'tsig changed', before: this.tsigs.put(change.object), after: change.object }
      case 'acl':
        return { type: 'acl changed', before: this.acls.put(change.object), after: change.object }
      case 'incoming':
        return this.#setIncoming(this.incomings.get(change.object.zoneId), change.object)
      case 'outgoing':
        return this.#setOutgoing(this.outgoings.get(change.object.zoneId), change.object)
      case 'zoneDnsSettings':
        this.zoneDnsSettings.set(change.object.zoneId, change.object)
        return { type: 'dns settings changed', zoneId: change.object.zoneId, after: change.object }
      case 'accountDnsSettings': {
        const { object: after } = change
        const before = this.accountDnsSettings.get(after.accountId)
        this.accountDnsSettings.set(after.accountId, after)
        return { type: 'account dns settings changed', before, after }
      }
      case 'hold':
        this.holds.set(change.object.zoneId, change.object)
        return undefined
      case 'overrides':
        this.overrides.set(change.object.zoneId, change.object)
        return { type: 'overrides changed', zoneId: change.object.zoneId, after: change.object }
      case 'flattened':
      case 'timers':
      case 'setting':
        return undefined
      default:
        return change satisfies never
    }
  }

  #remove(kind: ObjectKind, id: Id): RegistryEvent | undefined {
    switch (kind) {
      case 'account':
      case 'user':
      case 'accountDnsSettings':
      case 'hold':
        this.#quiet[kind].delete(id)
        return undefined
      case 'token':
        this.#setToken(this.tokens.get(id), undefined)
        return undefined
      case 'zone':
        return this.#removeZone(id)
      case 'peer':
        return this.#setPeer(this.peers.get(id), undefined)
      case 'tsig':
        return gone('tsig changed', this.tsigs.remove(id))
      case 'acl':
        return gone('acl changed', this.acls.remove(id))
      case 'incoming':
        return this.#setIncoming(this.incomings.get(id), undefined)
      case 'outgoing':
        return this.#setOutgoing(this.outgoings.get(id), undefined)
      case 'zoneDnsSettings':
        return this.zoneDnsSettings.delete(id)
          ? { type: 'dns settings changed', zoneId: id, after: undefined }
          : undefined
      case 'overrides':
        return this.overrides.delete(id) ? { type: 'overrides changed', zoneId: id, after: undefined } : undefined
      case 'flattened':
      case 'timers':
      case 'setting':
        return undefined
      default:
        return kind satisfies never
    }
  }

  #setToken(before: Token | undefined, after: Token | undefined): void {
    if (before !== undefined) {
      this.tokens.delete(before.id)
      this.#tokensByHash.delete(before.hash)
    }
    if (after === undefined) return
    this.tokens.set(after.id, after)
    this.#tokensByHash.set(after.hash, after)
  }

  #putZone(zone: Zone): RegistryEvent {
    const before = this.zones.get(zone.id)
    this.zones.put(zone)
    return before === undefined ? { type: 'zone added', zone } : { type: 'zone changed', zone, before }
  }

  #removeZone(id: Id): RegistryEvent | undefined {
    const zone = this.zones.get(id)
    if (zone === undefined) return undefined
    this.zones.remove(zone)
    return { type: 'zone removed', zone }
  }

  #setPeer(before: Peer | undefined, after: Peer | undefined): RegistryEvent | undefined {
    if (before?.tsigId !== undefined) this.peersOfTsig.remove(before.tsigId, before.id)
    if (after?.tsigId !== undefined) this.peersOfTsig.add(after.tsigId, after.id)
    if (after !== undefined) this.peers.put(after)
    else if (before !== undefined) this.peers.remove(before.id)
    return before === after ? undefined : { type: 'peer changed', before, after }
  }

  #setIncoming(before: Incoming | undefined, after: Incoming | undefined): RegistryEvent | undefined {
    for (const peer of before?.peers ?? []) this.zonesOfPeer.remove(peer, (before as Incoming).zoneId)
    for (const peer of after?.peers ?? []) this.zonesOfPeer.add(peer, (after as Incoming).zoneId)
    if (after !== undefined) {
      this.incomings.set(after.zoneId, after)
      return { type: 'incoming set', incoming: after, before }
    }
    if (before === undefined) return undefined
    this.incomings.delete(before.zoneId)
    return { type: 'incoming removed', incoming: before }
  }

  #setOutgoing(before: Outgoing | undefined, after: Outgoing | undefined): RegistryEvent | undefined {
    for (const peer of before?.peers ?? []) this.zonesToPeer.remove(peer, (before as Outgoing).zoneId)
    for (const peer of after?.peers ?? []) this.zonesToPeer.add(peer, (after as Outgoing).zoneId)
    if (after !== undefined) this.outgoings.set(after.zoneId, after)
    else if (before !== undefined) this.outgoings.delete(before.zoneId)
    return before === after ? undefined : { type: 'outgoing changed', before, after }
  }
}

function gone(type: 'tsig changed', before: Tsig | undefined): RegistryEvent | undefined
function gone(type: 'acl changed', before: Acl | undefined): RegistryEvent | undefined
function gone(type: 'tsig changed' | 'acl changed', before: Tsig | Acl | undefined): RegistryEvent | undefined {
  return before && ({ type, before, after: undefined } as RegistryEvent)
}

/** All accounts, the oldest first. */
export function accountsByAge({ accounts }: RegistryState): readonly Account[] {
  return [...accounts.values()].sort((a, b) => (a.createdOn < b.createdOn ? -1 : a.createdOn > b.createdOn ? 1 : 0))
}

/** An object of the control plane as it is now; undefined for what is not there, and for what is not kept here. */
export function objectIn(state: RegistryState, kind: ObjectKind, id: Id): StoredObject | undefined {
  switch (kind) {
    case 'account':
      return state.accounts.get(id)
    case 'user':
      return state.users.get(id)
    case 'token':
      return state.tokens.get(id)
    case 'zone':
      return state.zones.get(id)
    case 'peer':
      return state.peers.get(id)
    case 'tsig':
      return state.tsigs.get(id)
    case 'acl':
      return state.acls.get(id)
    case 'incoming':
      return state.incomings.get(id)
    case 'outgoing':
      return state.outgoings.get(id)
    case 'zoneDnsSettings':
      return state.zoneDnsSettings.get(id)
    case 'accountDnsSettings':
      return state.accountDnsSettings.get(id)
    case 'hold':
      return state.holds.get(id)
    case 'overrides':
      return state.overrides.get(id)
    case 'flattened':
    case 'timers':
    case 'setting':
      return undefined
    default:
      return kind satisfies never
  }
}

/** Everything the store holds, made ready for use. */
export async function loadState(store: Pick<Store, 'objects'>): Promise<RegistryState> {
  const state = new RegistryState()
  const kinds = OBJECT_KINDS.filter((kind) => kind !== 'zone')
  state.zones.fill(await store.objects('zone'))
  for (const kind of kinds) {
    for (const object of await store.objects(kind)) state.apply({ put: kind, object } as Change)
  }
  return state
}
