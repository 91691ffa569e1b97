/** A limit on requests per token. It is off unless asked for: some clients sleep for minutes when they meet one. */

import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Instant } from '../engine/object-id.ts'
import { ApiError } from './errors.ts'

interface Rate {
  readonly now: () => Instant
  readonly rateLimit?: { readonly requests: number; readonly seconds: number } | undefined
}

interface Window {
  readonly endsAt: Instant
  used: number
}

/** Counts the requests of each token in windows of time, and refuses those beyond the limit until the window ends. */
export function limitRate(face: FastifyInstance, { now, rateLimit }: Rate): void {
  if (rateLimit === undefined) return
  const windows = new Map<string, Window>()
  face.addHook('onRequest', async ({ token }, reply) => {
    if (token === null) return
    const at = now()
    const window = currentWindow(windows, token.id, at, rateLimit.seconds)
    window.used++
    const left = rateLimit.requests - window.used
    tell(reply, rateLimit.requests, Math.max(left, 0), window.endsAt)
    if (left >= 0) return
    reply.header('retry-after', Math.ceil((window.endsAt - at) / 1000))
    throw new ApiError('rate-limited')
  })
}

function currentWindow(windows: Map<string, Window>, id: string, at: Instant, seconds: number): Window {
  const known = windows.get(id)
  if (known !== undefined && at < known.endsAt) return known
  const window = { endsAt: at + seconds * 1000, used: 0 }
  windows.set(id, window)
  return window
}

function tell(reply: FastifyReply, limit: number, remaining: number, endsAt: Instant): void {
  reply.header('x-ratelimit-limit', limit)
  reply.header('x-ratelimit-remaining', remaining)
  reply.header('x-ratelimit-reset', new Date(endsAt).toUTCString())
}
