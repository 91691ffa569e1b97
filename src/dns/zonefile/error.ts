/** What is wrong in a master file, and where. */

/** A path that is longer is told by its end, which says more than its beginning. */
const PATH_CHARACTERS_MAX = 200

/** A master file that cannot be read: `expected a TTL, found "x" (example.zone:12:5)`. */
export class ZoneFileError extends Error {
  override readonly name = 'ZoneFileError'
  readonly reason: string
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(reason: string, place: { readonly file: string; readonly line: number; readonly column: number }) {
    super(`${reason} (${shortened(place.file)}:${place.line}:${place.column})`)
    this.reason = reason
    this.file = place.file
    this.line = place.line
    this.column = place.column
  }
}

/** `file` itself stays whole; a message must be one short line whatever `$INCLUDE` names. */
function shortened(path: string): string {
  return path.length > PATH_CHARACTERS_MAX ? `…${path.slice(-PATH_CHARACTERS_MAX)}` : path
}
