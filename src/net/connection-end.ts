/** How a connection that we opened can end. */

/** Why a connection ended. */
export type ConnectionEnd =
  /** By the primary, in order, but perhaps in the middle of a message. */
  | { readonly type: 'closed'; readonly midMessage: boolean }
  | { readonly type: 'reset' }
  /** Nobody listens there. */
  | { readonly type: 'refused' }
  /** There is no way there, or none from our address; `code` is the name of the system's error. */
  | { readonly type: 'unreachable'; readonly code: string }
  | { readonly type: 'timeout'; readonly of: 'connect' | 'idle' | 'rate' | 'total' }
  /** What came is no stream of responses. */
  | { readonly type: 'malformed'; readonly detail: string }
  /** By us. */
  | { readonly type: 'stopped' }

/** What an error of the socket means. */
export function endOf({ code, message }: NodeJS.ErrnoException, connected: boolean): ConnectionEnd {
  if (code === 'ECONNREFUSED') return { type: 'refused' }
  if (code === 'ECONNRESET' || code === 'EPIPE') return { type: 'reset' }
  if (code === 'ETIMEDOUT') return { type: 'timeout', of: connected ? 'idle' : 'connect' }
  return { type: 'unreachable', code: code ?? message }
}
