/** Lists of zones: the query parameters that both faces take, and what they mean. */

import Type, { type Static } from 'typebox'
import type { ZoneQuery } from '../engine/zone-query.ts'
import { toAscii } from './idn.ts'
import { PageQuery, type Page } from './paging.ts'
import { several, Several, textTest } from './query.ts'

export const ZoneListQuery = Type.Object({
  ...PageQuery,
  name: Type.Optional(Type.String()),
  'account.id': Type.Optional(Type.String()),
  'account.name': Type.Optional(Type.String()),
  status: Several,
  type: Several,
  match: Type.Optional(Type.Enum(['all', 'any'])),
  order: Type.Optional(Type.Enum(['name', 'status', 'account.id', 'account.name', 'plan.id'])),
  direction: Type.Optional(Type.Enum(['asc', 'desc'])),
})

export function zoneQuery(query: Static<typeof ZoneListQuery>, page: Page): ZoneQuery {
  const { name, 'account.id': accountId, 'account.name': accountName, status, type } = query
  return {
    name: name === undefined ? undefined : textTest(name, nameForm),
    accountId,
    accountName: accountName === undefined ? undefined : textTest(accountName),
    statuses: several(status),
    types: several(type),
    match: query.match ?? 'all',
    order: query.order ?? 'name',
    direction: query.direction ?? 'asc',
    offset: page.offset,
    limit: page.perPage,
  }
}

/** As zones are called inside: A-labels, no final dot. */
export const nameForm = (name: string): string => toAscii(name).replace(/\.$/, '')
