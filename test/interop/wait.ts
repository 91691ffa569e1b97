/** The one place where a test waits for the world outside: ask, and ask again until a deadline. */

import { setTimeout as pause } from 'node:timers/promises'

/** Asks `probe` until it gives something other than undefined; throws, with `what` and the last reason, at the deadline. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  { deadlineMs = 30_000, everyMs = 20 }: { deadlineMs?: number; everyMs?: number } = {},
): Promise<T> {
  const until = performance.now() + deadlineMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > until) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`)
    await pause(everyMs)
  }
}
