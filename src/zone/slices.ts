/**
 * Work in slices: a generator that does some, and yields where whoever drives it may let others have their turn. This
 * floor knows no clock, so a slice is a number of records.
 */

/** So many records are dealt with before others have their turn: some milliseconds of work. */
export const RECORDS_PER_SLICE = 2000

/** Does something with each slice, and gives way between two of them: what is one slice is done without. */
export function* bySlices<Slice>(slices: Iterable<Slice>, act: (slice: Slice) => void): Generator<void> {
  let isFirst = true
  for (const slice of slices) {
    if (!isFirst) yield
    isFirst = false
    act(slice)
  }
}

/** Does all of it without giving way to anybody. */
export function atOnce<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}
