import { describe, expect, test } from 'vitest'
import type { Serial } from '../dns/serial.ts'
import { chainFrom, condense } from './history.ts'

const step = (from: number, to: number, octets = 100) => ({ from: from as Serial, to: to as Serial, octets })
const ask = (from: number, to: number, octetsMax = Infinity) => ({ from: from as Serial, to: to as Serial, octetsMax })

const HISTORY = [step(1, 2), step(2, 3), step(3, 7), step(7, 8)]

describe('the chain that answers an IXFR', () => {
  test('IX-04 leads from the asked serial to the served one without a gap', () => {
    expect(chainFrom(HISTORY, ask(2, 8))).toEqual(HISTORY.slice(1))
    expect(chainFrom(HISTORY, ask(7, 8))).toEqual(HISTORY.slice(3))
    expect(chainFrom(HISTORY, ask(1, 8))).toEqual(HISTORY)
  })

  test.each([
    ['IX-05 it does not reach back far enough', HISTORY, ask(0, 8)],
    ['IX-05 it never was at the asked serial', HISTORY, ask(5, 8)],
    ['IX-11 it does not reach the served serial', HISTORY, ask(2, 9)],
    ['IX-11 it has a gap', [step(1, 2), step(3, 4)], ask(1, 4)],
    ['IX-07 it weighs more than the zone', HISTORY, ask(1, 8, 399)],
    ['there is no history', [], ask(1, 8)],
  ])('there is none if %s', (_, history, question) => {
    expect(chainFrom(history, question)).toBeUndefined()
  })

  test('the newest part counts where serials came round again', () => {
    const twice = [step(1, 2), step(2, 3), step(3, 1), step(1, 2)]
    expect(chainFrom(twice, ask(1, 2))).toEqual([step(1, 2)])
  })

  test('an empty one is no difference', () => {
    expect(condense([])).toBeUndefined()
  })
})
