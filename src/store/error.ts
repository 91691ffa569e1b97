/** What can go wrong with the store, told apart by `code`, never by the message. */

/** `out of order`: the version given does not follow the one stored, or the zone has none. */
export type StoreFault =
  | 'corrupt'
  | 'newer schema'
  | 'foreign database'
  | 'in use'
  | 'wrong key'
  | 'out of order'
  | 'disk'
  | 'closed'

/** The store cannot do what was asked. Unless the fault is `disk` or `closed`, nothing was changed. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreFault

  constructor(code: StoreFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
