/** Instants in answers, which may not have come yet. */

import Type from 'typebox'
import { instantText, type Instant } from '../../engine/object-id.ts'

export const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })
export const NullableInteger = Type.Unsafe<number | null>({ type: ['integer', 'null'] })

/** RFC 3339, or null for what has not happened. */
export const timeOf = (instant: Instant | undefined): string | null =>
  instant === undefined ? null : instantText(instant)
