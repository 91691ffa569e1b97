/**
 * Who may do what: networks, peers and keys (RFC 5936 §5, RFC 1996 §3.10).
 *
 * An address is taken in one form only before anything is decided: IPv4 mapped into IPv6 is IPv4, and a zone index as
 * in `fe80::1%eth0` is no part of it. So the same client gets the same answer whichever socket it came through
 * (CVE-2026-26017). A key is its name, which compares without regard to case, its algorithm and its secret.
 */

import { parseIpv4, parseIpv6 } from '../dns/address.ts'
import { nameKey, type Name } from '../dns/name.ts'
import { octetsEqual } from '../dns/octets.ts'
import type { TsigKey } from '../dns/tsig.ts'

/** An address in the one form that is compared: 4 octets or 16. */
export type Address = Uint8Array

/** All addresses that begin with the same bits. */
export interface Network {
  readonly address: Address
  readonly prefix: number
}

/** Reads an address; undefined if the text is none. */
export function parseAddress(text: string): Address | undefined {
  const percent = text.indexOf('%')
  const plain = percent < 0 ? text : text.slice(0, percent)
  const octets = plain.includes(':') ? parseIpv6(plain) : parseIpv4(plain)
  return octets && normalAddress(octets)
}

/** The one form of an address: IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2) is IPv4. */
function normalAddress(octets: Uint8Array): Address {
  return isMapped(octets) ? octets.slice(12) : octets
}

/** Reads `192.0.2.53/28`, `2001:db8::/32` or a single address; undefined if the text is none. Host bits may be set. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  if (slash < 0) return { address, prefix: address.length * 8 }
  const digits = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(digits)) return undefined
  // In `::ffff:192.0.2.0/120` the prefix counts from the start of the IPv6 form.
  const wasMapped = address.length === 4 && text.includes(':')
  const prefix = Number(digits) - (wasMapped ? 96 : 0)
  return prefix < 0 || prefix > address.length * 8 ? undefined : { address, prefix }
}

/** Whether an address lies in a network. IPv4 is never in a network of IPv6. */
export function isInNetwork(address: Address, network: Network): boolean {
  const { address: first, prefix } = network
  if (address.length !== first.length) return false
  const whole = prefix >> 3
  for (let at = 0; at < whole; at++) if (address[at] !== first[at]) return false
  const rest = prefix & 7
  return rest === 0 || (((address[whole] as number) ^ (first[whole] as number)) & (0xff00 >> rest)) === 0
}

function isMapped(octets: Uint8Array): boolean {
  if (octets.length !== 16 || octets[10] !== 0xff || octets[11] !== 0xff) return false
  for (let at = 0; at < 10; at++) if (octets[at] !== 0) return false
  return true
}

/** A nameserver that a zone is exchanged with. */
interface AllowedPeer {
  readonly id: string
  readonly address: Address
  /** Its key; what is allowed to it is allowed only with that key. */
  readonly key: AllowedKey | undefined
}

/**
 * A key by its name, algorithm and secret: two accounts may have keys of one name, and neither opens what is the
 * other's. Without a secret any key of that name will do.
 */
export type AllowedKey = TsigKey | { readonly name: Name; readonly algorithm?: undefined; readonly secret?: undefined }

/** Whom a zone's account has let in. */
export interface AccessList {
  readonly peers: readonly AllowedPeer[]
  /** The account's ACLs. */
  readonly networks: readonly { readonly id: string; readonly network: Network }[]
}

/** Who asks: where the message came from, and which key has signed it, verified. */
export interface Source {
  readonly address: Address
  readonly key: TsigKey | undefined
}

export type AccessDecision =
  | {
      readonly allowed: true
      /** What let it in: for logs. */
      readonly rule: string
      readonly peer: string | undefined
    }
  | { readonly allowed: false; readonly why: 'address not allowed' | 'not signed' | 'signed with another key' }

/**
 * Whether a zone may be transferred to somebody: to its peers and to the networks of its account. A peer that has a key
 * must use it; in a network one of the keys of the zone's peers is asked for, if they have any.
 */
export function decideTransfer(list: AccessList, source: Source): AccessDecision {
  const here = list.peers.filter(({ address }) => sameAddress(address, source.address))
  if (here.length > 0) return decideByKeys(here, source, (peer) => `peer ${peer?.id ?? here[0]?.id ?? ''}`)
  const network = list.networks.find((one) => isInNetwork(source.address, one.network))
  if (network === undefined) return { allowed: false, why: 'address not allowed' }
  const keyed = list.peers.filter(({ key }) => key !== undefined)
  const decision = decideByKeys(keyed, source, () => `acl ${network.id}`)
  return decision.allowed ? { ...decision, peer: undefined } : decision
}

/**
 * Whether a NOTIFY from somebody is heard: from the primaries of a zone and from the networks of its account. Most
 * primaries do not sign NOTIFY even where transfers are signed, and it starts no more than a check; so a signature is
 * asked for only where the zone demands it. But one that is there must be by a key of the zone.
 */
export function decideNotify(
  list: AccessList,
  source: Source,
  options: { readonly keyRequired: boolean },
): AccessDecision {
  const here = list.peers.filter(({ address }) => sameAddress(address, source.address))
  const network = list.networks.find((one) => isInNetwork(source.address, one.network))
  if (here.length === 0 && network === undefined) return { allowed: false, why: 'address not allowed' }
  const rule = (peer: AllowedPeer | undefined) =>
    here.length > 0 ? `peer ${peer?.id ?? here[0]?.id ?? ''}` : `acl ${network?.id ?? ''}`
  const keyed = (here.length > 0 ? here : list.peers).filter(({ key }) => key !== undefined)
  if (source.key === undefined) {
    if (options.keyRequired) return { allowed: false, why: 'not signed' }
    return { allowed: true, rule: rule(undefined), peer: here[0]?.id }
  }
  if (options.keyRequired && keyed.length === 0) return { allowed: false, why: 'signed with another key' }
  return decideByKeys(keyed, source, rule)
}

/** With no keys to choose from, none is needed, and one more does no harm. */
function decideByKeys(
  candidates: readonly AllowedPeer[],
  source: Source,
  rule: (peer: AllowedPeer | undefined) => string,
): AccessDecision {
  const open = candidates.find(({ key }) => key === undefined)
  const signed = candidates.find(({ key }) => key !== undefined && source.key !== undefined && sameKey(key, source.key))
  if (signed !== undefined) return { allowed: true, rule: rule(signed), peer: signed.id }
  if (open !== undefined || candidates.length === 0) return { allowed: true, rule: rule(open), peer: open?.id }
  return { allowed: false, why: source.key === undefined ? 'not signed' : 'signed with another key' }
}

function sameAddress(a: Address, b: Address): boolean {
  return isInNetwork(a, { address: b, prefix: b.length * 8 })
}

function sameKey(allowed: AllowedKey, key: TsigKey): boolean {
  if (nameKey(allowed.name) !== nameKey(key.name)) return false
  if (allowed.secret === undefined) return true
  return allowed.algorithm === key.algorithm && octetsEqual(allowed.secret, key.secret)
}
