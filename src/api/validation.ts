/** Requests are held against TypeBox schemas before a handler sees them; what does not fit is told with its place. */

import type { FastifyTypeProvider } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { ApiError, type Fault } from './errors.ts'

/** Tells handlers the types that schemas promise. */
export interface TypeBoxTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

const FAULTS_MAX = 10

/**
 * What a schema becomes: a check of one part of a request. Texts of the query become numbers where numbers are asked
 * for; members of a body stay what they are. There are some hundred schemas and most are never met, so each is compiled
 * when a request meets it.
 */
export function validatorOf({ schema, httpPart }: { readonly schema: TSchema; readonly httpPart?: string }) {
  const isBody = httpPart === 'body'
  let validator: Validator | undefined
  return (given: unknown) => {
    validator ??= Compile(schema)
    const value = isBody ? (given ?? {}) : validator.Convert(given)
    if (validator.Check(value)) return { value }
    return { error: unfit(validator.Errors(value), isBody) }
  }
}

function unfit(errors: readonly TLocalizedValidationError[], isBody: boolean): ApiError {
  const code = isBody ? 'member-invalid' : 'query-invalid'
  const faults = errors.slice(0, FAULTS_MAX).map((error): Fault => {
    const place = placeOf(error)
    const name = place.slice(1).replaceAll('/', '.')
    const text = name === '' ? `the request body ${error.message}` : `${name} ${messageOf(error)}`
    return isBody ? { code, text, pointer: place } : { code, text }
  })
  const [first = { code } as const, ...rest] = faults
  return ApiError.of([first, ...rest])
}

/** Where a missing member would stand, rather than where it is missing. */
function placeOf(error: TLocalizedValidationError): string {
  if (error.keyword !== 'required') return error.instancePath
  return `${error.instancePath}/${error.params.requiredProperties[0] ?? ''}`
}

function messageOf(error: TLocalizedValidationError): string {
  return error.keyword === 'required' ? 'is required' : error.message
}
