/** What an ACL must look like. */

import { BlockList, isIP } from 'node:net'
import type { Acl } from '../store/objects.ts'
import { done, refused, type Outcome } from './problem.ts'

/** An ACL as somebody asks for it. */
export interface AclDraft {
  readonly name: string
  readonly ipRange: string
}

export type AclFields = Pick<Acl, 'name' | 'ipRange'>

/** The widest networks that may be named, as the shortest prefix of each family. */
const PREFIX_MIN = { 4: 24, 6: 64 } as const
const ADDRESS_BITS = { 4: 32, 6: 128 } as const

/** ::ffff:0:0/96 holds the whole of IPv4, so a prefix within it counts as one of IPv4 (RFC 4291 §2.5.5.2). */
const MAPPED_FIRST = '::ffff:0:0'
const MAPPED_PREFIX = 96

/** Checks the name and the width of the network. Host bits may be set. */
export function readAcl({ name, ipRange }: AclDraft): Outcome<AclFields> {
  if (name.trim() === '') return refused('name-missing', 'expected a name', '/name')
  const [, address = '', digits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(ipRange) ?? []
  const family = isIP(address)
  const prefix = Number(digits)
  if ((family !== 4 && family !== 6) || prefix > ADDRESS_BITS[family]) {
    return refused('network-invalid', `expected a network such as 192.0.2.0/28, found "${ipRange}"`, '/ip_range')
  }
  const mapped = family === 6 && meetsMapped(address, prefix)
  const prefixMin = mapped ? MAPPED_PREFIX + PREFIX_MIN[4] : PREFIX_MIN[family]
  if (prefix < prefixMin) {
    const text = `expected a prefix of /${prefixMin} or longer, found /${prefix}`
    return refused('network-too-wide', text, '/ip_range')
  }
  return done({ name, ipRange })
}

/** Whether an IPv6 network and the block of mapped IPv4 addresses overlap: one of them then holds the other. */
function meetsMapped(address: string, prefix: number): boolean {
  const [network, probe] = prefix < MAPPED_PREFIX ? [address, MAPPED_FIRST] : [MAPPED_FIRST, address]
  const list = new BlockList()
  list.addSubnet(network, Math.min(prefix, MAPPED_PREFIX), 'ipv6')
  return list.check(probe, 'ipv6')
}
