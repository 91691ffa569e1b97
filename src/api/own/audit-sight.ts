/**
 * How much of a line of the audit log is shown. The log is for whoever looks after an account, and need not be somebody who
 * may read every zone: of a record they see which one it was, and the rest if they may read the zone's records.
 */

import type { Rights } from '../../engine/rights.ts'
import type { StoredAuditLine } from '../../store/objects.ts'

/** What tells a record from others. */
const KNOWN = ['id', 'name', 'type'] as const

/** Whether an object of a line holds contents of records. */
const isOfRecord = ({ action, object = {} }: StoredAuditLine): boolean =>
  action.startsWith('record.') && ('before' in object || 'after' in object)

/** Lines as they may be seen; `withheld` is in the objects of which a part is left out. */
export function seenLines(lines: readonly StoredAuditLine[], rights: Rights): readonly StoredAuditLine[] {
  const mayRead = new Map<string, boolean>()
  const isShown = ({ accountId, zoneId = '' }: StoredAuditLine): boolean => {
    const known = mayRead.get(zoneId)
    if (known !== undefined) return known
    const may = rights.hadRead('DNS Read', { id: zoneId, accountId })
    mayRead.set(zoneId, may)
    return may
  }
  return lines.map((line) => (isOfRecord(line) && !isShown(line) ? withheld(line) : line))
}

function withheld(line: StoredAuditLine): StoredAuditLine {
  const { before, after } = line.object ?? {}
  const object = {
    ...(before === undefined ? {} : { before: known(before) }),
    ...(after === undefined ? {} : { after: known(after) }),
    withheld: true,
  }
  return { ...line, object }
}

const known = (record: unknown) =>
  Object.fromEntries(KNOWN.map((key) => [key, (record as Record<string, unknown> | null)?.[key]]))
