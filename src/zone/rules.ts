/** What makes contents publishable (RFC 1034 §4.2.1, RFC 1912 §2.4, RFC 2181 §10.1), beyond each record being well-formed. */

import type { Contents } from './contents.ts'
import { Cursor } from './cursor.ts'
import { SortKey } from './sort-key.ts'
import { TYPE } from './stored-record.ts'

/** Something about a zone that its owner should know; with an `error` it is not published. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly text: string
}

/** Looks at the apex, which costs the same for every zone. */
export function checkContents({ arena, version }: Contents): readonly Finding[] {
  const findings: Finding[] = []
  const cursor = new Cursor(arena)
  cursor.openNames(version)
  const apex = new SortKey()
  const has = (type: number) => cursor.seek(apex) && cursor.seekType(type)
  if (!has(TYPE.NS)) findings.push({ severity: 'error', text: 'there is no NS record at the apex' })
  if (has(TYPE.CNAME)) findings.push({ severity: 'error', text: 'there is a CNAME record at the apex' })
  return findings
}
