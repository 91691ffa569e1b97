import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tries } from '../../test/tries.ts'
import { linesOf, stored } from '../../test/zone-text.ts'
import { concatOctets } from '../dns/octets.ts'
import { runsWithout, runWithout } from './left-out.ts'

const A = 1
const CAA = 257

const run = (...lines: string[]) => concatOctets(...lines.flatMap(stored))

test('a run without some types has all its other records, in order', () => {
  const lines = fc.array(fc.constantFrom('a A 192.0.2.1', '@ CAA 0 issue "x"', 'b TXT "y"'))
  fc.assert(
    fc.property(lines, (all) => {
      const kept = all.filter((line) => !line.includes('CAA'))
      const octets = run(...all)
      expect(runWithout(octets, new Set([CAA]))).toEqual(run(...kept))
      const parts = [...runsWithout([{ octets, at: 0, end: octets.length }], new Set([CAA]))]
      expect(parts.flatMap((part) => linesOf(part.octets.slice(part.at, part.end)))).toEqual(linesOf(run(...kept)))
    }),
    { numRuns: tries(100, 5000) },
  )
})

test('a run that has nothing of the kind is not copied', () => {
  const octets = run('a A 192.0.2.1', 'b A 192.0.2.2')
  expect(runWithout(octets, new Set([CAA])).buffer).toBe(octets.buffer)
  expect(runWithout(octets, new Set([A]))).toHaveLength(0)
})
