/** Pages of lists, as Cloudflare counts them. */

import Type from 'typebox'
import type { ResultInfo } from './envelope.ts'

/** Query parameters of a paged list. Values out of bounds are brought into them; clients send whatever they like. */
export const PageQuery = {
  page: Type.Optional(Type.Number()),
  per_page: Type.Optional(Type.Number()),
}

export interface Page {
  /** From 1. */
  readonly page: number
  readonly perPage: number
  readonly offset: number
}

export interface PageBounds {
  readonly perPage: number
  readonly perPageMax: number
}

export function readPage(
  query: { readonly page?: number | undefined; readonly per_page?: number | undefined },
  bounds: PageBounds,
): Page {
  const page = clamp(query.page ?? 1, 1, Number.MAX_SAFE_INTEGER)
  const perPage = clamp(query.per_page ?? bounds.perPage, 1, bounds.perPageMax)
  return { page, perPage, offset: Math.min((page - 1) * perPage, Number.MAX_SAFE_INTEGER) }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(Math.trunc(value), min), max)
}

/** Behind the end of a list a page is empty, and says so. */
export function resultInfo({ page, perPage }: Page, count: number, total: number): ResultInfo {
  return { page, per_page: perPage, count, total_count: total, total_pages: Math.ceil(total / perPage) }
}
