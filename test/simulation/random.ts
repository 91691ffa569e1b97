/** Chance from a seed: the same seed gives the same world. */

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_769) >>> 0
  }

  /** From 0 up to 1 (mulberry32). */
  roll(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** Whether something with this probability happens. */
  happens(probability: number): boolean {
    return this.roll() < probability
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.roll() * (max - min + 1))
  }

  /** One of several. */
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.roll() * from.length)] as T
  }
}
