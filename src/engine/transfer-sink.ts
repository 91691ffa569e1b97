/** Where the records of a transfer in go: an edit, of nothing for a full zone, of our version for differences. */

import type { TransferSink } from '../protocol/transfer-in-stream.ts'
import type { Added, Edit, Removed } from '../zone/edit.ts'

export class EditSink implements TransferSink {
  readonly #start: (form: 'full' | 'incremental') => Edit
  #edit: Edit | undefined
  form: 'full' | 'incremental' | undefined

  /** `start` makes the edit once it is known what comes. */
  constructor(start: (form: 'full' | 'incremental') => Edit) {
    this.#start = start
  }

  /** The edit; undefined if no record has come. */
  get edit(): Edit | undefined {
    return this.#edit
  }

  begin(form: 'full' | 'incremental'): void {
    this.form = form
    this.#edit = this.#start(form)
  }

  soa(octets: Uint8Array, at: number, length: number): void {
    this.#edit?.setSoa(octets, at, length)
  }

  /** Hot. */
  add(octets: Uint8Array, at: number, length: number): Added {
    return (this.#edit as Edit).add(octets, at, length)
  }

  /** Hot. */
  remove(octets: Uint8Array, at: number, length: number): Removed {
    return (this.#edit as Edit).remove(octets, at, length)
  }
}
