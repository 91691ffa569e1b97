/**
 * Reading request bodies the way real clients send them.
 *
 * Any content type, or none, is JSON; an empty body is no body; a member that is null is absent. Bodies are bounded in
 * octets and in depth, so that nobody can exhaust the stack or the memory of what walks them afterwards.
 */

import type { FastifyInstance } from 'fastify'
import { ApiError } from './errors.ts'

export const BODY_OCTETS_MAX = 1024 * 1024
const BODY_DEPTH_MAX = 32

const utf8 = new TextDecoder('utf-8', { fatal: true })

const JSON_TYPE = 'application/json'

declare module 'fastify' {
  interface FastifyRequest {
    /** The media type that the body is said to have; empty for none. */
    sentType: string
  }
}

/** Makes every body of this face be read by `readBody`, whatever its type is said to be. */
export function acceptBodies(face: FastifyInstance): void {
  face.addHook('onRequest', async (request) => {
    const { headers } = request
    request.sentType = headers['content-type'] ?? ''
    headers['content-type'] &&= JSON_TYPE
  })
  face.removeAllContentTypeParsers()
  face.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_OCTETS_MAX }, (_request, octets, done) => {
    try {
      done(null, readBody(octets as Buffer))
    } catch (error) {
      done(error as Error, undefined)
    }
  })
}

/** Makes bodies of a part of this face be octets, which its routes read by themselves. */
export function acceptOctets(part: FastifyInstance, octetsMax: number): void {
  part.removeAllContentTypeParsers()
  part.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: octetsMax }, (_request, octets, done) => {
    done(null, octets)
  })
}

/** The value in a body; undefined for none. */
function readBody(octets: Uint8Array): unknown {
  const text = decode(octets)
  if (text.trim() === '') return undefined
  if (depthOf(text) > BODY_DEPTH_MAX) {
    throw new ApiError('body-too-deep', { text: `expected ${BODY_DEPTH_MAX} levels at most in the request body` })
  }
  return parse(text) ?? undefined
}

function decode(octets: Uint8Array): string {
  try {
    return utf8.decode(octets)
  } catch {
    throw new ApiError('json-malformed', { text: 'expected UTF-8 in the request body' })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text, withoutNulls)
  } catch (error) {
    throw new ApiError('json-malformed', { text: `malformed JSON in the request body: ${(error as Error).message}` })
  }
}

/** Which members of an object of a body were null. */
const nulls = new WeakMap<object, Set<string>>()

/** Whether a member came as null, for the few members for which that says something. */
export function wasNull(object: object, member: string): boolean {
  return nulls.get(object)?.has(member) === true
}

function noteNull(object: object, member: string): void {
  const known = nulls.get(object)
  if (known === undefined) nulls.set(object, new Set([member]))
  else known.add(member)
}

/** Leaves out members that are null, and `__proto__`, which would be set on what members are copied to, not in it. */
function withoutNulls(this: unknown, key: string, value: unknown): unknown {
  if (Array.isArray(this)) return value
  if (value === null) noteNull(this as object, key)
  return value === null || key === '__proto__' ? undefined : value
}

/** How deeply brackets are nested outside of strings. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (quoted && character === '\\') at++
    else if (character === '"') quoted = !quoted
    else if (quoted) continue
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth)
    else if (character === ']' || character === '}') depth--
  }
  return deepest
}
