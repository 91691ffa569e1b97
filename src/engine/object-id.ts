/** What objects of the control plane are called, and how their instants are written. */

import { randomUUID } from 'node:crypto'

/** A moment, in milliseconds since 1970. */
export type Instant = number

/** 32 lower-case hex digits: a UUIDv4 without its dashes. */
export type Id = string

/** A fresh id. */
export const newId = (): Id => randomUUID().replaceAll('-', '')

/** Whether a text has the form of an id. */
export const isId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)

/** An instant as objects keep it and the API shows it: RFC 3339 in UTC with six fractional digits. */
export const instantText = (instant: Instant): string => new Date(instant).toISOString().replace('Z', '000Z')

const RFC_3339 = /^(\d{4}-\d\d-\d\d)([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?$/

/** An instant as people write it: RFC 3339, or a day for its beginning in UTC. Undefined for what is none, as 30 February. */
export function readInstantText(text: string): Instant | undefined {
  const day = RFC_3339.exec(text)?.[1]
  const midnight = day === undefined ? NaN : Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight) || !instantText(midnight).startsWith(day as string)) return undefined
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant
}
