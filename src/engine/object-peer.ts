/** What a peer must look like. */

import { isIP } from 'node:net'
import type { Peer } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import { done, type Outcome, type Problem } from './problem.ts'

/** A peer as somebody asks for it; what is left out takes its default. */
export interface PeerDraft {
  readonly name: string
  readonly ip?: string | undefined
  readonly port?: number | undefined
  readonly ixfrEnable?: boolean | undefined
  readonly tsigId?: Id | undefined
}

export type PeerFields = Omit<Peer, 'id' | 'accountId'>

const PORT_MAX = 65_535

/** Checks what can be checked without knowing other objects. */
export function readPeer(draft: PeerDraft): Outcome<PeerFields> {
  const { name, ip = '', port = 0, ixfrEnable = false } = draft
  const tsigId = draft.tsigId === '' ? undefined : draft.tsigId
  const problems: Problem[] = []
  if (name.trim() === '') problems.push({ code: 'name-missing', text: 'expected a name', pointer: '/name' })
  if (ip !== '' && (isIP(ip) === 0 || ip.includes('%'))) {
    const text = `expected an IPv4 or IPv6 address, found "${ip}"`
    problems.push({ code: 'address-invalid', text, pointer: '/ip' })
  }
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX) {
    const text = `expected a port from 0 to ${PORT_MAX}, found ${port}`
    problems.push({ code: 'port-invalid', text, pointer: '/port' })
  }
  if (problems.length > 0) return { type: 'refused', problems }
  return done({ name, ip, port, ixfrEnable, ...(tsigId === undefined ? {} : { tsigId }) })
}
