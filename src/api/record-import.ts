/**
 * A master file made into records of a zone. What cannot be read, or cannot stand beside what is there, stops all of it,
 * and the error says at which line; what is there already, and what the server makes by itself, is left out.
 */

import { compareRdata } from '../dns/layout.ts'
import type { DnsRecord } from '../dns/message.ts'
import { lowerName, nameKey, sameName, type Name } from '../dns/name.ts'
import { typeMnemonic } from '../dns/record-types.ts'
import { ZoneFileError } from '../dns/zonefile/error.ts'
import { parseZoneFile, type ZoneFileItem } from '../dns/zonefile/parser.ts'
import { TTL_AUTOMATIC } from '../zone/edited-record.ts'
import { PROXIABLE } from '../zone/served-records.ts'
import { TYPE } from '../zone/stored-record.ts'
import { ApiError } from './errors.ts'
import { readComment, readSettings, readTags } from './record-attributes.ts'
import { checkDraft, TTL_MAX, whyNotEdited, type RecordDraft } from './record-draft.ts'
import { parseNote } from './record-note.ts'
import { isProxiable, type RecordRules } from './record-rules.ts'
import { RecordSeen } from './record-seen.ts'
import type { RecordSession } from './record-session.ts'
import { Slices } from './slices.ts'

/** A record of the file, and where it stands there. */
interface FileRecord {
  readonly draft: RecordDraft
  readonly place: string
}

export interface FileRecords {
  readonly records: readonly FileRecord[]
  /** All that there were, those that are left out included. */
  readonly parsed: number
  /** What is worth knowing, each thing once. */
  readonly warnings: readonly string[]
}

const FILE = 'zone file'
const WARNINGS_MAX = 100

type RecordItem = Extract<ZoneFileItem, { type: 'record' }>

/** Reads the file. `proxied` is for records that can be and do not say themselves whether they are. */
export async function readFileRecords(
  text: string,
  rules: RecordRules,
  { proxied }: { readonly proxied: boolean },
): Promise<FileRecords> {
  const slices = new Slices()
  const records: FileRecord[] = []
  const warnings = new Warnings()
  let parsed = 0
  const options = { origin: rules.apex, apex: rules.apex, file: FILE, defaultTtl: TTL_AUTOMATIC }
  try {
    for (const item of parseZoneFile(text, options)) {
      if (slices.isOver()) await slices.next()
      if (item.type === 'warning') warnings.add(`line ${item.line}: ${item.text}`)
      else {
        parsed++
        const draft = atLine(item, () => draftOf(item, rules, { proxied, warnings }))
        if (draft !== undefined) records.push({ draft, place: `${FILE}:${item.line}` })
      }
    }
  } catch (error) {
    if (!(error instanceof ZoneFileError)) throw error
    throw new ApiError('zone-file-invalid', { text: error.message })
  }
  return { records, parsed, warnings: warnings.all() }
}

/** Adds the records that are not there yet, and says how many those were. */
export async function addFileRecords(
  session: RecordSession,
  { records }: Pick<FileRecords, 'records'>,
): Promise<number> {
  const slices = new Slices()
  const known = new KnownRdata(session)
  let added = 0
  for (const { draft, place } of records) {
    if (slices.isOver()) await slices.next()
    if (!known.add(draft)) continue
    session.add(draft, place)
    added++
  }
  return added
}

/** Says of what is wrong with a record where it stands. */
function atLine<T>({ line }: RecordItem, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw new ApiError('zone-file-invalid', { text: `${error.message} (${FILE}:${line})` })
  }
}

/** The record of a line; undefined if it is left out. */
function draftOf(
  { record, comment, line }: RecordItem,
  rules: RecordRules,
  { proxied: wished, warnings }: { readonly proxied: boolean; readonly warnings: Warnings },
): RecordDraft | undefined {
  const { type, rdata } = record
  if (type === TYPE.SOA || isOurNameServer(record, rules)) return undefined
  const why = whyNotEdited(type)
  if (why !== undefined) {
    warnings.add(`${why}; ${typeMnemonic(type)} records of the file are left out`)
    return undefined
  }
  const note = parseNote(comment ?? '')
  const proxied = (note.proxied ?? wished) && isProxiable(type, rdata)
  if (note.proxied === true && !proxied) warnings.add(`line ${line}: this record cannot be proxied`)
  const said = readComment(note.comment)
  const tags = readTags(note.tags)
  const settings = readSettings(note.settings, {}, { type, proxied })
  const draft = {
    owner: lowerName(record.owner),
    type,
    ttl: proxied ? TTL_AUTOMATIC : ttlOf(record, rules, warnings),
    rdata,
    proxied,
    attributes: {
      ...(said !== '' && { comment: said }),
      ...(tags.length > 0 && { tags }),
      ...(Object.keys(settings).length > 0 && PROXIABLE.has(type) && { settings }),
    },
  }
  checkDraft(draft, rules)
  return draft
}

function isOurNameServer({ owner, type, rdata }: DnsRecord, { apex, nameServers }: RecordRules): boolean {
  return type === TYPE.NS && sameName(owner, apex) && nameServers.some((name) => sameName(name, rdata as Name))
}

function ttlOf({ ttl }: DnsRecord, { ttlMin }: RecordRules, warnings: Warnings): number {
  if (ttl === TTL_AUTOMATIC || (ttl >= ttlMin && ttl <= TTL_MAX)) return ttl
  const taken = Math.min(Math.max(ttl, ttlMin), TTL_MAX)
  warnings.add(`the TTL ${ttl} is out of range and becomes ${taken}`)
  return taken
}

/** Each warning once, and not without end. */
class Warnings {
  readonly #texts = new Set<string>()

  add(text: string): void {
    if (this.#texts.size < WARNINGS_MAX) this.#texts.add(text)
  }

  all(): readonly string[] {
    return [...this.#texts]
  }
}

/** The RDATA that a zone has, owner by owner. */
class KnownRdata {
  readonly #session: RecordSession
  readonly #owners = new Map<string, Map<number, Uint8Array[]>>()

  constructor(session: RecordSession) {
    this.#session = session
  }

  /** Whether it was not there yet. */
  add({ owner, type, rdata }: RecordDraft): boolean {
    const types = this.#typesOf(owner)
    const known = types.get(type)
    if (known === undefined) types.set(type, [rdata])
    else if (known.some((each) => compareRdata(type, each, 0, each.length, rdata, 0, rdata.length) === 0)) return false
    else known.push(rdata)
    return true
  }

  #typesOf(owner: Name): Map<number, Uint8Array[]> {
    const key = nameKey(owner)
    const known = this.#owners.get(key)
    if (known !== undefined) return known
    const types = new Map<number, Uint8Array[]>()
    const seen = new RecordSeen(this.#session.reader.apex)
    for (const stored of this.#session.reader.recordsOf(owner)) {
      const { edited } = seen.look(stored)
      if (edited !== undefined) types.set(edited.type, [...(types.get(edited.type) ?? []), edited.rdata])
    }
    this.#owners.set(key, types)
    return types
  }
}
