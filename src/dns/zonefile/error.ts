/** What is wrong in a master file, and where. */

/** A master file that cannot be read: `expected a TTL, found "x" (example.zone:12:5)`. */
export class ZoneFileError extends Error {
  override readonly name = 'ZoneFileError'
  readonly reason: string
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(reason: string, place: { readonly file: string; readonly line: number; readonly column: number }) {
    super(`${reason} (${place.file}:${place.line}:${place.column})`)
    this.reason = reason
    this.file = place.file
    this.line = place.line
    this.column = place.column
  }
}
