/**
 * Who is acting: the token, or the user, that a request came with.
 *
 * It goes along with the work it started rather than from argument to argument, so that no change of the control plane
 * can be made without it. What the server does by itself has no actor.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Id } from './object-id.ts'

export interface Actor {
  readonly tokenId?: Id
  readonly userId?: Id
}

const acting = new AsyncLocalStorage<Actor>()

/** Does something on behalf of an actor, and everything that comes of it. */
export const runAs = <T>(actor: Actor, act: () => T): T => acting.run(actor, act)

/** Who has started the work at hand; undefined for the server itself. */
export const actor = (): Actor | undefined => acting.getStore()
