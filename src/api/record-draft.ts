/**
 * Records as clients send them, made into records as they are kept: the whole record for a creation or a replacement,
 * and what is to be different for a change.
 *
 * Members that nobody knows are ignored. A replacement gives back its default to everything that is not named, but takes
 * what makes the record a record (type, name and content) from the one it replaces: there are clients that send no more
 * than what they want to be different.
 */

import { sameName } from '../dns/name.ts'
import { isMetaType, recordTypeOf, typeCode, typeMnemonic } from '../dns/record-types.ts'
import { quoteForPeople } from '../dns/text.ts'
import { type EditedRecord, type RecordAttributes, type RecordSettings, TTL_AUTOMATIC } from '../zone/edited-record.ts'
import { PROXIABLE } from '../zone/served-records.ts'
import { TYPE } from '../zone/stored-record.ts'
import { octetsEqual } from '../dns/octets.ts'
import { readComment, readSettings, readTags } from './record-attributes.ts'
import { fault, Faults } from './record-faults.ts'
import { checkAsterisks, readOwner, serviceName } from './record-name.ts'
import { readRdata, type RdataRead } from './record-rdata.ts'
import { isProxiable, type RecordRules } from './record-rules.ts'

export type RecordBody = Readonly<Record<string, unknown>>

/** A record without what the server gives it. */
export type RecordDraft = Omit<EditedRecord, 'id' | 'createdAt' | 'modifiedAt'>

/** What the body is held against: nothing, the record it replaces, or the record it is merged into. */
export type DraftBase =
  | { readonly type: 'nothing' }
  | { readonly type: 'replaced'; readonly record: EditedRecord }
  | { readonly type: 'merged'; readonly record: EditedRecord }

export const TTL_MAX = 86_400
const RDATA_OCTETS_MAX = 4096

/** The record that is meant. Throws ApiError with everything that is wrong with it. */
export function readDraft(body: RecordBody, base: DraftBase, rules: RecordRules): RecordDraft {
  const before = base.type === 'nothing' ? undefined : base.record
  const merged = base.type === 'merged' ? base.record : undefined
  const faults = new Faults()
  const type = faults.try(() => (body['type'] === undefined && before ? before.type : readType(body['type'])))
  const owner = faults.try(() => {
    const name = type === SRV ? serviceName(body['name'], body['data']) : body['name']
    return name === undefined && before ? before.owner : readOwner(name, rules.apex)
  })
  const ttl = faults.try(() => readTtl(body['ttl'] ?? merged?.ttl, rules))
  const wishesProxy = faults.try(() => readSwitch(body['proxied'], '/proxied'))
  const read = type === undefined ? undefined : faults.try(() => rdataOf(body, type, base, rules))
  const proxied = wishesProxy ?? (merged?.proxied === true && type !== undefined && PROXIABLE.has(type))
  const attributes = faults.try(() => readAttributes(body, merged, { type: type ?? 0, proxied }))
  if (rules.areOverrides) faults.try(() => checkOverride(attributes))
  if (type !== undefined && owner !== undefined && read !== undefined)
    faults.try(() => checkDraft({ owner, type, rdata: read.rdata, proxied }, rules))
  faults.settle()
  const { rdata, content } = read as RdataRead
  return {
    owner,
    type,
    ttl: proxied ? TTL_AUTOMATIC : ttl,
    rdata,
    proxied,
    attributes: { ...attributes, ...(content !== undefined && { content }) },
  } as RecordDraft
}

const SRV = 33

/** Types that are made here and not edited, and those that stand for something that another record says better. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['SOA', 'the SOA record is made from the settings of the zone'],
  ['SPF', 'SPF records are obsolete (RFC 7208 §3.1): expected a TXT record'],
  ['DNAME', 'DNAME records are not edited here'],
  ...['DNSKEY', 'CDS', 'CDNSKEY'].map(
    (type) => [type, `${type} records are edited in multi-signer zones only, and this zone is none`] as const,
  ),
  ...['RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM', 'SIG', 'NXT', 'KEY'].map(
    (type) => [type, `${type} records are made by signing a zone, and not edited`] as const,
  ),
])

/** The code of a type that people may edit. */
function readType(given: unknown): number {
  if (given === undefined) throw fault('record-type-unknown', 'type is required', '/type')
  if (typeof given !== 'string') throw fault('record-type-unknown', `expected a text, found ${typeof given}`, '/type')
  const code = typeCode(given.trim())
  if (code === undefined || isMetaType(code))
    throw fault('record-type-unknown', `expected a type as A or TYPE65280, found ${quoteForPeople(given)}`, '/type')
  const why = whyNotEdited(code)
  if (why !== undefined) throw fault('record-type-refused', why, '/type')
  return code
}

/** Why records of a type are not edited; undefined if they are. */
export function whyNotEdited(type: number): string | undefined {
  return REFUSED.get(typeMnemonic(type))
}

function readTtl(given: unknown, { ttlMin }: RecordRules): number {
  if (given === undefined) return TTL_AUTOMATIC
  if (typeof given !== 'number' || !Number.isInteger(given)) {
    const seen = typeof given === 'string' ? quoteForPeople(given) : typeof given === 'number' ? given : typeof given
    throw fault('record-ttl-not-a-number', `expected a whole number of seconds, found ${seen}`, '/ttl')
  }
  if (given === TTL_AUTOMATIC || (given >= ttlMin && given <= TTL_MAX)) return given
  const text = `expected ${ttlMin} to ${TTL_MAX} seconds, or 1 for automatic, found ${given}`
  throw fault('record-ttl-out-of-range', text, '/ttl')
}

function readSwitch(given: unknown, pointer: string): boolean | undefined {
  if (given === undefined || typeof given === 'boolean') return given
  throw fault('member-invalid', `expected true or false, found ${typeof given}`, pointer)
}

/** Only of a record of the same type is anything left. */
function rdataOf(body: RecordBody, type: number, base: DraftBase, { apex }: RecordRules): RdataRead {
  const record = base.type !== 'nothing' && base.record.type === type ? base.record : undefined
  const before = record && { rdata: record.rdata, content: record.attributes.content }
  return readRdata(recordTypeOf(type), body, { before, way: base.type === 'merged' ? 'merged' : 'whole', apex })
}

function readAttributes(
  body: RecordBody,
  merged: EditedRecord | undefined,
  record: { readonly type: number; readonly proxied: boolean },
): RecordAttributes {
  const { comment, tags, settings } = body
  const before = merged?.attributes ?? {}
  const said = comment === undefined ? before.comment : readComment(comment)
  const tagged = tags === undefined ? before.tags : readTags(tags)
  // What no longer fits after a change of the type goes without a word.
  const kept = merged !== undefined && merged.type === record.type ? (before.settings ?? {}) : {}
  const set = settings === undefined && !hasSettings(kept) ? {} : readSettings(settings ?? {}, kept, record)
  if (body['private_routing'] === true)
    throw fault('record-settings-invalid', 'private routing is not supported', '/private_routing')
  return {
    ...(said !== undefined && said !== '' && { comment: said }),
    ...(tagged !== undefined && tagged.length > 0 && { tags: tagged }),
    ...(hasSettings(set) && { settings: set }),
  }
}

/** Notes are kept where records are edited (row 149 of what Cloudflare does). */
function checkOverride(attributes: RecordAttributes | undefined): void {
  for (const member of ['comment', 'tags'] as const)
    if (attributes?.[member] !== undefined)
      throw fault('record-no-override', `records of a secondary zone have no ${member}`, `/${member}`)
}

const hasSettings = (settings: RecordSettings): boolean => Object.keys(settings).length > 0

/** What a record must not say although each part of it has the right form. Throws ApiError. */
export function checkDraft(
  { owner, type, rdata, proxied }: Pick<RecordDraft, 'owner' | 'type' | 'rdata' | 'proxied'>,
  { apex, areOverrides, nameServers, proxies }: RecordRules,
): void {
  checkAsterisks(owner, apex, type)
  if (rdata.length > RDATA_OCTETS_MAX)
    throw fault('record-too-large', `expected at most ${RDATA_OCTETS_MAX} octets, found ${rdata.length}`, '/content')
  if (type === TYPE.CNAME && sameName(owner, rdata as typeof owner)) {
    throw fault('record-refers-to-itself', 'expected another name than that of the record', '/content')
  }
  if (type === TYPE.NS && sameName(owner, apex)) {
    const isOurs = nameServers.some((name) => sameName(name, rdata as typeof owner))
    if (isOurs) throw fault('name-servers-ours', 'expected a nameserver of another provider', '/content')
  }
  if (areOverrides && !proxied && !(type === TYPE.CNAME && sameName(owner, apex))) {
    const text = `expected a record with proxied true, or a CNAME record at the apex, found ${typeMnemonic(type)}`
    throw fault('record-no-override', text, '/proxied')
  }
  if (!proxied) return
  if (!PROXIABLE.has(type)) {
    const text = `expected a record of type A, AAAA or CNAME, found ${typeMnemonic(type)}`
    throw fault('record-not-proxiable', text, '/proxied')
  }
  if (areOverrides && type !== TYPE.CNAME) return // its content says nothing: the addresses come from elsewhere
  const isLoop = proxies.some((address) => octetsEqual(address, rdata))
  if (isLoop || !isProxiable(type, rdata)) {
    const text = isLoop ? 'found the address of a proxy' : 'found one of a private network'
    throw fault('record-target-not-proxiable', `expected an address that a proxy can reach, ${text}`, '/content')
  }
}
