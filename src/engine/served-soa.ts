/** The SOA record that a zone is answered with now. */

import type { Serial } from '../dns/serial.ts'
import type { SoaHint } from '../protocol/notify-message.ts'
import { serialOf, soaOf, type Contents } from '../zone/contents.ts'
import type { ZoneHandle } from '../zone/directory-layout.ts'
import type { DirectoryReader } from '../zone/directory-reader.ts'
import { ownerEnd, TO_RDATA, ttlAfter } from '../zone/stored-record.ts'

export interface ServedSoa extends SoaHint {
  readonly serial: Serial
}

/** A copy of it; undefined for a zone without contents. */
export function servedSoa(reader: DirectoryReader, zone: ZoneHandle): ServedSoa | undefined {
  reader.enter()
  try {
    const version = reader.versionOf(zone)
    if (version === 0) return undefined
    const contents: Contents = { arena: reader.arena, version }
    const { octets, at, end } = soaOf(contents)
    const owner = ownerEnd(octets, at)
    return { serial: serialOf(contents), ttl: ttlAfter(octets, owner), rdata: octets.slice(owner + TO_RDATA, end) }
  } finally {
    reader.leave()
  }
}
