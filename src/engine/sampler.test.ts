import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSamples, type Sample } from './sample.ts'
import { Sampler } from './sampler.ts'
import { questionMessage } from '../../test/interop/ask.ts'

const question = { rcode: 3, ipv6: false, octets: 40, microseconds: 7 }
const samplerOf = (samplesPerSecond: number, transport: 'udp' | 'tcp' = 'udp') =>
  new Sampler({ samplesPerSecond, transport, seed: 4711 })

function ask(sampler: Sampler, name: string, type = 1, times = 1): void {
  const answer = questionMessage({ id: 1, name, type })
  for (let time = 0; time < times; time++) if (sampler.isDue()) sampler.take(answer, answer.length, question)
}

const drained = (sampler: Sampler): Sample[] => [...readSamples(sampler.drain())]
const weightOf = (samples: readonly Sample[]): number => samples.reduce((sum, { weight }) => sum + weight, 0)

test('a question is taken with its name in lower case, and all that is known of it', () => {
  const sampler = samplerOf(10, 'tcp')
  const answer = questionMessage({ id: 1, name: 'WWW.Example.ORG.', type: 28 })
  assert(sampler.isDue())
  sampler.take(answer, answer.length, { rcode: 23, ipv6: true, octets: 300, microseconds: 70_000 })
  expect(drained(sampler)).toEqual([
    {
      weight: 1,
      name: 'www.example.org',
      type: 28,
      rcode: 23,
      tcp: true,
      ipv6: true,
      requestOctets: 300,
      answerOctets: answer.length,
      microseconds: 70_000,
    },
  ])
  expect(drained(sampler)).toEqual([])
})

test('up to the number of a second every question is taken by itself', () => {
  const sampler = samplerOf(100)
  for (let second = 0; second < 3; second++) {
    ask(sampler, 'a.example.', 1, 100)
    const samples = drained(sampler)
    expect(samples).toHaveLength(100)
    expect(samples.every(({ weight }) => weight === 1)).toBe(true)
    sampler.renew()
  }
})

test('a flood is thinned out within the second, and evenly from the next one on', () => {
  const sampler = samplerOf(100)
  for (const samplesMax of [250, 130, 130]) {
    ask(sampler, 'a.example.', 1, 50_000)
    const samples = drained(sampler)
    sampler.renew()
    expect(samples.length).toBeLessThan(samplesMax)
    expect(weightOf(samples)).toBe(50_000)
  }
  ask(sampler, 'a.example.', 1, 5)
  drained(sampler)
  sampler.renew()
  ask(sampler, 'b.example.', 1, 5)
  expect(drained(sampler)).toHaveLength(5)
})

test('of questions for A and AAAA in turn, as resolvers ask, as many are taken of the one as of the other', () => {
  const sampler = samplerOf(1000)
  let a = 0
  for (let second = 0; second < 20; second++) {
    for (let pair = 0; pair < 1000; pair++) {
      ask(sampler, 'a.example.', 1)
      ask(sampler, 'a.example.', 28)
    }
    a += weightOf(drained(sampler).filter(({ type }) => type === 1))
    sampler.renew()
  }
  expect(a / 20_000).toBeGreaterThan(0.95)
  expect(a / 20_000).toBeLessThan(1.05)
})

test('what repeats no question, and what is no query, is not taken', () => {
  const sampler = samplerOf(10)
  for (const octets of [Uint8Array.of(0, 1, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0), Uint8Array.of(0, 1, 0xa0, 4, 0, 1)]) {
    assert(sampler.isDue())
    sampler.take(octets, octets.length, question)
  }
  ask(sampler, 'a.example.')
  expect(drained(sampler)).toMatchObject([{ weight: 1, name: 'a.example' }])
})

describe('whatever is asked and whenever it is told', () => {
  test('the sum of the weights is the number of questions', () => {
    const step = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom('drain' as const, 'renew' as const))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(step, { maxLength: 20 }), (perSecond, steps) => {
        const sampler = samplerOf(perSecond)
        let asked = 0
        let told = 0
        for (const one of [...steps, 1, 'drain' as const]) {
          if (one === 'renew') sampler.renew()
          else if (one === 'drain') told += weightOf(drained(sampler))
          else {
            ask(sampler, 'a.example.', 1, one)
            asked += one
          }
        }
        // What passed after a drain and was not due yet goes with the next sample.
        assert(told <= asked)
        ask(sampler, 'a.example.', 1, 1_000_000)
        assert.equal(told + weightOf(drained(sampler)), asked + 1_000_000)
      }),
      { numRuns: 30 },
    )
  })
})
