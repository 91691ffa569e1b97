/** Time as the sockets need it; tests bring their own. */

/** Something that will happen unless it is cancelled. */
export interface Alarm {
  cancel(): void
}

/** A clock and what can be set by it. */
export interface Timers {
  /** Milliseconds since some instant; only differences mean anything. */
  now(): number
  after(delayMs: number, callback: () => void): Alarm
}

/** Time as it passes, whatever happens to the clock on the wall. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}
