/** Comment, tags and settings of a record, as clients send them. They are for people: DNS never answers with them. */

import { quoteForPeople } from '../dns/text.ts'
import type { RecordSettings } from '../zone/edited-record.ts'
import { TYPE } from '../zone/stored-record.ts'
import { PROXIABLE } from '../zone/served-records.ts'
import { fault } from './record-faults.ts'

const COMMENT_LENGTH_MAX = 500
const TAGS_MAX = 20
const TAG_VALUE_LENGTH_MAX = 100

// oxlint-disable-next-line no-control-regex -- control characters are what must not get in
const CONTROL = /[\u0000-\u001f\u007f]/

/** The comment in a body; empty for none. */
export function readComment(given: unknown): string {
  if (typeof given !== 'string') throw fault('comment-invalid', `expected a text, found ${typeof given}`, '/comment')
  const comment = given.trim()
  if (CONTROL.test(comment) || !comment.isWellFormed())
    throw fault('comment-invalid', 'expected one line without control characters', '/comment')
  if (comment.length > COMMENT_LENGTH_MAX) {
    const text = `expected at most ${COMMENT_LENGTH_MAX} characters, found ${comment.length}`
    throw fault('comment-invalid', text, '/comment')
  }
  return comment
}

/** The tags in a body, in the order they came in. */
export function readTags(given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw fault('tags-invalid', `expected a list of texts, found ${typeof given}`, '/tags')
  if (given.length > TAGS_MAX)
    throw fault('tags-invalid', `expected at most ${TAGS_MAX} tags, found ${given.length}`, '/tags')
  const seen = new Set<string>()
  return given.map((tag: unknown, at) => {
    const pointer = `/tags/${at}`
    if (typeof tag !== 'string') throw fault('tags-invalid', `expected a text, found ${typeof tag}`, pointer)
    const said = misfitOfTag(tag)
    if (said !== undefined) throw fault('tags-invalid', `${said}, found ${quoteForPeople(tag)}`, pointer)
    if (seen.size === seen.add(tag.toLowerCase()).size)
      throw fault('tags-invalid', `${quoteForPeople(tag)} is there twice`, pointer)
    return tag
  })
}

function misfitOfTag(tag: string): string | undefined {
  const colon = tag.indexOf(':')
  const name = colon < 0 ? tag : tag.slice(0, colon)
  const value = colon < 0 ? '' : tag.slice(colon + 1)
  if (!/^[\w-]{1,32}$/.test(name)) return 'expected a tag name of 1 to 32 letters, digits, - and _'
  if (/^cf-/i.test(name)) return 'expected a name of your own: those that begin with cf- are reserved'
  if (CONTROL.test(value) || !value.isWellFormed() || value !== value.trim())
    return 'expected a value without control characters and without blanks around it'
  return value.length > TAG_VALUE_LENGTH_MAX
    ? `expected a value of at most ${TAG_VALUE_LENGTH_MAX} characters`
    : undefined
}

const SETTINGS = ['ipv4_only', 'ipv6_only', 'flatten_cname'] as const

/** The settings in a body over those that stand already, for a record of this type. */
export function readSettings(
  given: unknown,
  before: RecordSettings,
  { type, proxied }: { readonly type: number; readonly proxied: boolean },
): RecordSettings {
  const wrong = (text: string, member = '') => fault('record-settings-invalid', text, `/settings${member}`)
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(`expected an object, found ${Array.isArray(given) ? 'a list' : typeof given}`)
  const settings: Record<string, boolean> = { ...before }
  for (const name of SETTINGS) {
    const value = (given as Record<string, unknown>)[name]
    if (value === undefined) continue
    if (typeof value !== 'boolean') throw wrong(`expected true or false, found ${typeof value}`, `/${name}`)
    settings[name] = value
  }
  const { ipv4_only, ipv6_only, flatten_cname } = settings as RecordSettings
  if (ipv4_only === true && ipv6_only === true)
    throw wrong('expected one of ipv4_only and ipv6_only: with both there is no address left')
  for (const name of ['ipv4_only', 'ipv6_only'] as const) {
    if (settings[name] === true && !PROXIABLE.has(type))
      throw wrong('expected a record of type A, AAAA or CNAME for this setting', `/${name}`)
  }
  if (flatten_cname === true && type !== TYPE.CNAME)
    throw wrong('expected a record of type CNAME for this setting', '/flatten_cname')
  if (flatten_cname === true && proxied)
    throw wrong('a proxied record is answered with addresses already, and cannot be flattened', '/flatten_cname')
  return settings
}
