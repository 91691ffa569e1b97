/** A limit on the requests of one user, or of one token of an account. What is left is told in every answer. */

import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Instant } from '../engine/object-id.ts'
import { tokenOf } from './auth.ts'
import type { ApiContext } from './context.ts'
import { ApiError } from './errors.ts'

type Rate = Pick<ApiContext, 'now' | 'rateLimit' | 'log' | 'windows'>

/** The requests of somebody since some moment. */
export interface RateWindow {
  readonly endsAt: Instant
  used: number
}

/** Windows that are remembered before those that have ended are looked for. */
const WINDOWS_MAX = 10_000

/** Counts requests in windows of time, and refuses those beyond the limit until the window ends. */
export function limitRate(face: FastifyInstance, { now, rateLimit, log, windows }: Rate): void {
  if (rateLimit === undefined) return
  const { requests, seconds } = rateLimit
  face.addHook('onRequest', async (request, reply) => {
    const { id, userId } = tokenOf(request)
    const at = now()
    const window = currentWindow(windows, userId ?? id, at, seconds)
    window.used++
    const left = requests - window.used
    tell(reply, requests, Math.max(left, 0), window.endsAt)
    if (left >= 0) return
    if (left === -1) log.warn({ token: id, user: userId, requests, seconds }, 'api.limited') // once per window
    reply.header('retry-after', Math.ceil((window.endsAt - at) / 1000))
    throw new ApiError('rate-limited', { text: `more than ${requests} requests in ${seconds} seconds; please wait` })
  })
}

function currentWindow(windows: Map<string, RateWindow>, id: string, at: Instant, seconds: number): RateWindow {
  const known = windows.get(id)
  if (known !== undefined && at < known.endsAt) return known
  if (windows.size >= WINDOWS_MAX) for (const [each, { endsAt }] of windows) if (endsAt <= at) windows.delete(each)
  const window = { endsAt: at + seconds * 1000, used: 0 }
  windows.set(id, window)
  return window
}

function tell(reply: FastifyReply, limit: number, remaining: number, endsAt: Instant): void {
  reply.header('x-ratelimit-limit', limit)
  reply.header('x-ratelimit-remaining', remaining)
  reply.header('x-ratelimit-reset', new Date(endsAt).toUTCString())
}
