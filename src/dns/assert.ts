/** The one way to say "this cannot be": a bug is loud, and nobody below the engine catches it. */

/** A broken assumption of ours; never the fault of what came in. */
class Bug extends Error {
  override readonly name = 'Bug'
}

/** Stops with a sentence that says what went wrong, should an assumption of ours not hold. */
export function assert(holds: unknown, sentence: string): asserts holds {
  if (!holds) throw new Bug(sentence)
}
