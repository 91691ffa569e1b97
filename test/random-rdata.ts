/** Valid RDATA of any type, made by walking its layout: what no random octets would ever hit. */

import { OP } from '../src/dns/layout-program.ts'
import type { RecordType } from '../src/dns/record-type.ts'

/** A source of chance: a whole number from 0 up to, not including, its argument. */
export type Chance = (below: number) => number

/** Chance that gives the same numbers for the same seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** RDATA that the type accepts. */
export function randomRdata(type: RecordType, chance: Chance): Uint8Array {
  const octets: number[] = []
  for (let pc = 1; type.layout[pc] !== OP.END; pc += 2) {
    octets.push(...part(type.layout[pc] as number, type.layout[pc + 1] as number, chance))
  }
  return Uint8Array.from(octets)
}

function part(op: number, operand: number, chance: Chance): number[] {
  switch (op) {
    case OP.NAME:
    case OP.NAME_FOLDED:
    case OP.NAME_KEPT:
      return randomName(chance)
    case OP.NAMES:
      return repeat(chance(4), () => randomName(chance))
    case OP.SKIP:
      return randomOctets(operand, chance)
    case OP.STRING:
      return randomString(operand, chance)
    case OP.STRINGS:
      return repeat(1 + chance(operand === 0 ? 4 : operand), () => randomString(0, chance))
    case OP.REST:
      return randomOctets(operand + chance(chance(8) === 0 ? 600 : 40), chance)
    case OP.BITMAP:
      return randomBitmap(chance)
    case OP.SVC_PARAMS:
      return randomSvcParams(chance)
    case OP.PREFIXES:
      return repeat(chance(4), () => randomPrefix(chance))
    case OP.GATEWAY: {
      const kind = chance(5)
      return [kind, chance(256), ...randomHost(kind, chance)]
    }
    case OP.RELAY: {
      const kind = chance(5)
      return [kind | (chance(2) * 128), ...randomHost(kind, chance)]
    }
    case OP.HOST_IDENTITY: {
      const [tag, key] = [1 + chance(20), 1 + chance(300)]
      return [tag, chance(256), key >> 8, key & 0xff, ...randomOctets(tag + key, chance)]
    }
    case OP.TAG: {
      const tag = Array.from({ length: 1 + chance(12) }, () => 'aZ09issue'.charCodeAt(chance(9)))
      return [tag.length, ...tag]
    }
    default: {
      const prefix = chance(129)
      return [prefix, ...randomOctets((128 - prefix + 7) >> 3, chance), ...(prefix === 0 ? [] : randomName(chance))]
    }
  }
}

function randomOctets(count: number, chance: Chance): number[] {
  return Array.from({ length: count }, () => chance(256))
}

function repeat(count: number, make: () => number[]): number[] {
  return Array.from({ length: count }, make).flat()
}

function randomString(lengthMin: number, chance: Chance): number[] {
  const length = chance(10) === 0 ? 255 : Math.max(lengthMin, chance(20))
  return [length, ...randomOctets(length, chance)]
}

/** A name with plain labels, odd ones, or as many octets as there may be. */
export function randomName(chance: Chance): number[] {
  const octetsMax = chance(20) === 0 ? 254 : 60
  const name: number[] = []
  for (let labels = chance(octetsMax === 254 ? 127 : 5); labels > 0; labels--) {
    const length = Math.min(1 + chance(chance(10) === 0 ? 63 : 8), octetsMax - name.length - 1)
    if (length < 1) break
    const octet = chance(4) === 0 ? () => chance(256) : () => 'abcXYZ019-_*$@".;()\\'.charCodeAt(chance(20))
    name.push(length, ...Array.from({ length }, octet))
  }
  return [...name, 0]
}

function randomBitmap(chance: Chance): number[] {
  const octets: number[] = []
  for (let window = chance(3); window < 256 && chance(3) > 0; window += 1 + chance(200)) {
    const length = 1 + chance(32)
    octets.push(window, length, ...randomOctets(length - 1, chance), 1 + chance(255))
  }
  return octets
}

function randomPrefix(chance: Chance): number[] {
  const family = chance(8) === 0 ? chance(0x1_0000) : 1 + chance(2)
  const octets = family === 1 ? 4 : family === 2 ? 16 : 127
  const prefix = chance(family === 1 ? 33 : family === 2 ? 129 : 256)
  const length = chance(octets + 1)
  const address = length === 0 ? [] : [...randomOctets(length - 1, chance), 1 + chance(255)]
  return [family >> 8, family & 0xff, prefix, length | (chance(2) * 128), ...address]
}

function randomHost(kind: number, chance: Chance): number[] {
  if (kind === 3) return randomName(chance)
  return randomOctets(kind === 0 ? 0 : kind === 1 ? 4 : kind === 2 ? 16 : chance(10), chance)
}

function randomSvcParams(chance: Chance): number[] {
  const values = new Map<number, number[]>()
  if (chance(2))
    values.set(
      1,
      repeat(1 + chance(3), () => randomSvcId(chance)),
    )
  if (chance(2) && values.has(1)) values.set(2, [])
  if (chance(2)) values.set(3, randomOctets(2, chance))
  if (chance(2)) values.set(4, randomOctets(4 * (1 + chance(3)), chance))
  if (chance(2)) values.set(5, randomOctets(1 + chance(60), chance))
  if (chance(2)) values.set(6, randomOctets(16 * (1 + chance(3)), chance))
  if (chance(2)) values.set(7, randomOctets(1 + chance(20), chance))
  if (chance(2)) values.set(8, [])
  for (let more = chance(3); more > 0; more--) values.set(9 + chance(0xfff7), randomOctets(chance(30), chance))
  const keys = [...values.keys()].sort((a, b) => a - b)
  const mandatory = keys.filter(() => chance(3) === 0).flatMap((key) => [key >> 8, key & 0xff])
  if (mandatory.length > 0) {
    values.set(0, mandatory)
    keys.unshift(0)
  }
  return keys.flatMap((key) => {
    const value = values.get(key) as number[]
    return [key >> 8, key & 0xff, value.length >> 8, value.length & 0xff, ...value]
  })
}

function randomSvcId(chance: Chance): number[] {
  const length = 1 + chance(12)
  const octet = chance(2) ? () => chance(256) : () => 'h23,\\"'.charCodeAt(chance(6))
  return [length, ...Array.from({ length }, octet)]
}
