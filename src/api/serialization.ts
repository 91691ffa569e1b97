/** Answers are written by their schemas, which fix what is in them and in which order. */

import { createRequire } from 'node:module'

/** Writes one value as JSON. */
type Serialize = (value: unknown) => string

const require = createRequire(import.meta.url)

/**
 * What a schema of an answer becomes. It is compiled when there is an answer to write, and the compiler is loaded then
 * as well: together they are a good part of what a start would take.
 */
export function serializerOf({ schema }: { readonly schema: unknown }): Serialize {
  let serialize: Serialize | undefined
  return (value) => {
    serialize ??= (require('fast-json-stringify') as (schema: unknown) => Serialize)(schema)
    return serialize(value)
  }
}
