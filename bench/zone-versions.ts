/**
 * A large zone that goes from version to version: all but a part of it stays as it is, so that a version is written in
 * the time a copy takes. The part that moves is spread over all of the zone's names.
 */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dice } from '../test/zone-model.ts'
import { printLine, realisticLines, soaLine, type RealisticShape } from './realistic-zone.ts'
import { printed, writeLines } from './zone-file.ts'

/** Of ten records, this many can move. */
const MOVING_TENTHS = 1
const PLACES = ['dc', 'cust', 'svc', 'edge', 'voip']

export class ZoneVersions {
  readonly apex: string
  /** The present version. */
  readonly file: string
  serial = 0
  readonly #body: Buffer
  readonly #moving: string[]
  #made = 0
  readonly #roll = dice(11)

  private constructor(apex: string, file: string, body: Buffer, count: number) {
    this.apex = apex
    this.file = file
    this.#body = body
    this.#moving = Array.from({ length: count }, () => this.#newLine())
  }

  /** Makes the first version, with serial 1. */
  static async make(folder: string, shape: RealisticShape & { readonly records: number }): Promise<ZoneVersions> {
    const moving = Math.floor((shape.records * MOVING_TENTHS) / 10)
    const file = join(folder, `${shape.apex}versions`)
    await writeLines(file, printed(realisticLines({ ...shape, records: shape.records - moving })))
    const versions = new ZoneVersions(shape.apex, file, await readFile(file), moving)
    await versions.advance()
    return versions
  }

  /** Writes the next version: half of the changes give a record other data, a quarter brings a new one, a quarter takes one out. */
  async advance(changes = 0): Promise<void> {
    this.serial++
    if (changes > this.#moving.length / 2) throw new Error(`${changes} changes are too many for ${this.apex}`)
    for (const place of this.#places(changes)) {
      const kind = this.#roll(4)
      if (kind === 0) this.#moving.push(this.#newLine())
      else if (kind === 1) this.#moving[place] = '' // never drawn again
      else this.#moving[place] = withAddress(this.#moving[place] as string, this.#address())
    }
    const lines = [printLine(soaLine(this.apex, this.serial)), ...this.#moving].join('')
    await writeFile(this.file, Buffer.concat([Buffer.from(lines), this.#body]))
  }

  /** So many records that move, each once. */
  #places(count: number): Set<number> {
    const places = new Set<number>()
    while (places.size < count) {
      const place = this.#roll(this.#moving.length)
      if (this.#moving[place] !== '') places.add(place)
    }
    return places
  }

  #newLine(): string {
    const number = this.#made++
    const owner = `m${this.#roll(2 ** 31).toString(36)}-${number}.${PLACES[number % PLACES.length]}${number % 40}.${this.apex}`
    return printLine([owner, 300, 'A', this.#address()])
  }

  #address(): string {
    return `198.${18 + this.#roll(2)}.${this.#roll(256)}.${this.#roll(256)}`
  }
}

function withAddress(line: string, address: string): string {
  return `${line.slice(0, line.lastIndexOf('\t') + 1)}${address}\n`
}
