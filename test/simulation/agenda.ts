/** What will happen when: a queue of things by instant, first in first out among equals. */

interface Entry<Thing> {
  readonly at: number
  readonly order: number
  readonly thing: Thing
}

export class Agenda<Thing> {
  readonly #heap: Entry<Thing>[] = []
  #order = 0

  add(at: number, thing: Thing): void {
    const heap = this.#heap
    heap.push({ at, order: this.#order++, thing })
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1
      if (!this.#isBefore(child, parent)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  next(): Entry<Thing> | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    heap[0] = last
    for (let parent = 0; ;) {
      let child = 2 * parent + 1
      if (child >= heap.length) return first
      if (child + 1 < heap.length && this.#isBefore(child + 1, child)) child++
      if (!this.#isBefore(child, parent)) return first
      this.#swap(child, parent)
      parent = child
    }
  }

  #isBefore(a: number, b: number): boolean {
    const left = this.#heap[a] as Entry<Thing>
    const right = this.#heap[b] as Entry<Thing>
    return left.at < right.at || (left.at === right.at && left.order < right.order)
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a] as Entry<Thing>
    this.#heap[a] = this.#heap[b] as Entry<Thing>
    this.#heap[b] = kept
  }
}
