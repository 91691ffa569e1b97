/**
 * What a master file has no place for, in the comment behind a record: its comment and tags, and whether it is proxied.
 *
 *   www 1 IN A 192.0.2.1 ; the web cf_tags=cf-proxied:true,owner:me,motto:"one, two"
 *
 * A value with a quote, a comma, an equals sign or a backslash stands in quotes, as in JSON. So an unquoted equals sign
 * ends every list, and of several places at which tags might begin only the true one is a list up to the end.
 */

import type { RecordAttributes, RecordSettings } from '../zone/edited-record.ts'

/** What a comment in a master file says of its record. */
export interface RecordNote {
  readonly comment: string
  readonly tags: readonly string[]
  /** Undefined if it does not say. */
  readonly proxied: boolean | undefined
  readonly settings: RecordSettings
}

const MARK = 'cf_tags='
const SPECIAL = /["=,\\]/

const SETTING_TAGS = {
  'cf-flatten-cname': 'flatten_cname',
  'cf-ipv4-only': 'ipv4_only',
  'cf-ipv6-only': 'ipv6_only',
} as const

/** The comment for a record, without its semicolon; empty if there is nothing to say. */
export function printNote({ comment = '', tags = [], settings = {} }: RecordAttributes, proxied?: boolean): string {
  const own = proxied === undefined ? [] : [`cf-proxied:${proxied}`]
  for (const [tag, setting] of Object.entries(SETTING_TAGS)) if (settings[setting] === true) own.push(tag)
  const list = [...own, ...tags.map(printTag)].join(',')
  if (list === '' && !comment.includes(MARK)) return comment
  return `${comment} ${MARK}${list}`.trimStart()
}

function printTag(tag: string): string {
  const colon = tag.indexOf(':')
  const value = tag.slice(colon + 1)
  return colon < 0 || !SPECIAL.test(value) ? tag : `${tag.slice(0, colon + 1)}${JSON.stringify(value)}`
}

export function parseNote(text: string): RecordNote {
  for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, at + 1)) {
    if (at > 0 && text[at - 1] !== ' ') continue
    const tags = parseTags(text.slice(at + MARK.length))
    if (tags !== undefined) return noteOf(text.slice(0, at).trim(), tags)
  }
  return noteOf(text.trim(), [])
}

function noteOf(comment: string, all: readonly string[]): RecordNote {
  const settings: Record<string, boolean> = {}
  const tags: string[] = []
  let proxied: boolean | undefined
  for (const tag of all) {
    const [name = '', value = 'true'] = tag.toLowerCase().split(':')
    if (name === 'cf-proxied') proxied = value === 'true'
    else if (Object.hasOwn(SETTING_TAGS, name))
      settings[SETTING_TAGS[name as keyof typeof SETTING_TAGS]] = value === 'true'
    else tags.push(tag)
  }
  return { comment, tags, proxied, settings }
}

/** A tag from a position on: a name, and after a colon a value in quotes or without anything special. */
const TAG = /([\w-]+)(?::(?:"((?:[^"\\]|\\.)*)"|([^"=,\\]*)))?(?:,|$)/y

/** The tags of a list; undefined if the text is none. */
function parseTags(list: string): string[] | undefined {
  const tags: string[] = []
  const tag = new RegExp(TAG)
  while (tag.lastIndex < list.length) {
    const [, name, quoted, plain] = tag.exec(list) ?? []
    if (name === undefined) return undefined
    const value = quoted === undefined ? plain : unquote(quoted)
    tags.push(value === undefined ? name : `${name}:${value}`)
  }
  return tags
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string
  } catch {
    return quoted
  }
}
