/** How long something took that adds records by the many, as the answers to imports and scans tell it. */

import { instantText, type Instant } from '../engine/object-id.ts'

/** Times of work that began and has ended. */
export function timingOf(startedAt: Instant, endedAt: Instant) {
  return {
    start_time: instantText(startedAt),
    end_time: instantText(endedAt),
    process_time: (endedAt - startedAt) / 1000,
  }
}
