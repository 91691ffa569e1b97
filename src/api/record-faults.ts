/** Everything that is wrong with a body at once, so that nobody has to mend it one error at a time. */

import { ApiError, type ErrorCode, type Fault } from './errors.ts'

/** A member of the body that cannot be used; `pointer` leads from the record to it. */
export function fault(code: ErrorCode, text: string, pointer: string): ApiError {
  return new ApiError(code, { text, pointer })
}

export class Faults {
  readonly #faults: Fault[] = []

  /** What an act returns; undefined if it failed, and then why is remembered. */
  try<T>(act: () => T): T | undefined {
    try {
      return act()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#faults.push(...error.faults)
      return undefined
    }
  }

  /** Throws all that was remembered. */
  settle(): void {
    const [first, ...rest] = this.#faults
    if (first !== undefined) throw ApiError.of([first, ...rest])
  }
}
