/** Edits of records with what every one of them needs: who did it, and a line about each record in the audit log. */

import type { FastifyRequest } from 'fastify'
import type { AuditLine, Change, Zone } from '../../store/objects.ts'
import { actorOf, tokenOf } from '../auth.ts'
import type { Overridden } from '../../engine/runtime.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../errors.ts'
import { findRecord } from '../owner-index.ts'
import { RecordSeen } from '../record-seen.ts'
import { recordRules } from '../record-rules.ts'
import type { RecordDeed, RecordSession, StoredOctets } from '../record-session.ts'
import { frameOf } from './record-frame.ts'
import { recordObject } from './record-object.ts'

/** Carries out what `act` says in one version of the zone. */
export async function editRecordsOf<T>(
  context: ApiContext,
  { zone, request }: { readonly zone: Zone; readonly request: FastifyRequest },
  act: (session: RecordSession) => T | Promise<T>,
  changesOf: (session: RecordSession, line: AuditHead) => readonly Change[] = linesOfDeeds(context, zone),
): Promise<T> {
  const { editor, primary, now } = context
  const who = actorOf(tokenOf(request))
  return editor.edit({
    zone,
    rules: recordRules(zone, primary),
    now,
    act: (session) => toldOfTransferred(context, zone, session, act),
    changes: (session) => changesOf(session, { at: session.now, accountId: zone.accountId, zoneId: zone.id, ...who }),
  })
}

/** Says of a record that was transferred that it is read-only, and not that there is none. */
async function toldOfTransferred<T>(
  context: ApiContext,
  { id: zoneId, type }: Zone,
  session: RecordSession,
  act: (session: RecordSession) => T | Promise<T>,
): Promise<T> {
  try {
    return await act(session)
  } catch (error) {
    const { unknown: id, reader } = session
    const isThere = type === 'secondary' && id !== undefined && (await findRecord(context, { zoneId, reader, id }))
    if (!isThere) throw error
    const text = 'the record comes from a primary and is changed there; to proxy it, make a proxied record of its name'
    throw new ApiError('records-read-only', { text })
  }
}

/** What all lines about one edit have in common. */
export type AuditHead = Pick<AuditLine, 'at' | 'accountId' | 'zoneId' | 'tokenId' | 'userId'>

/** One line per record, with the record before and after as the API shows it. */
function linesOfDeeds(context: ApiContext, zone: Zone) {
  return ({ deeds }: RecordSession, head: AuditHead): Change[] => {
    const show = shower(context, zone)
    return deeds.map((deed) => {
      const { before, after } = deed
      const object = { ...(before && { before: show(before) }), ...(after && { after: show(after) }) }
      return { audit: { ...head, action: actionOf(deed), object } }
    })
  }
}

function actionOf({ before, after }: RecordDeed): string {
  if (before === undefined) return 'record.create'
  return after === undefined ? 'record.delete' : 'record.update'
}

/** What was transferred does not show here. */
const NOTHING_OVERRIDDEN: Overridden = { proxied: new Set(), apexIsCname: false }

/** Shows stored records as the API does. */
export function shower(context: ApiContext, zone: Zone): (octets: StoredOctets) => ReturnType<typeof recordObject> {
  const frame = frameOf(context, zone)
  const { apex, areOverrides } = recordRules(zone, context.primary)
  const seen = new RecordSeen(apex, areOverrides ? NOTHING_OVERRIDDEN : undefined)
  return (octets) => recordObject(seen.look({ octets, at: 0, end: octets.length }), frame)
}
