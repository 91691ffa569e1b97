/** Stored records gathered into one run of octets. */

/** A run that grows. */
export class RunBuilder {
  #octets = new Uint8Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Adds octets `at` up to `end`: one stored record or many. */
  add(octets: Uint8Array, at: number, end: number): void {
    const length = this.#length + end - at
    if (length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#octets.length))
      larger.set(this.#octets.subarray(0, this.#length))
      this.#octets = larger
    }
    this.#octets.set(octets.subarray(at, end), this.#length)
    this.#length = length
  }

  /** The run, in octets of its own. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#octets.slice(0, this.#length)
  }
}
