/** Questions as threads that answer would have sampled them, for tests of what is made of them. */

import { questionMessage } from '../interop/ask.ts'
import { typeCode } from '../../src/dns/record-types.ts'
import { RCODE } from '../../src/dns/code.ts'
import { Sampler } from '../../src/engine/sampler.ts'
import type { World } from './world.ts'

export interface Asked {
  /** Name and type, as `www.example.org. AAAA`. */
  readonly question: string
  readonly times?: number
  readonly rcode?: keyof typeof RCODE
  readonly transport?: 'udp' | 'tcp'
  readonly ipv6?: boolean
  readonly octets?: number
  readonly microseconds?: number
}

const SAMPLES_MAX = 10_000

/** Has a question asked at the world's time. */
export function ask(world: Pick<World, 'runtime'>, asked: Asked): void {
  const { question, times = 1, rcode = 'NOERROR', transport = 'udp', ipv6 = false, octets = 40 } = asked
  const { microseconds = 100 } = asked
  const [name = '', type = 'A'] = question.split(' ')
  const sampler = new Sampler({ samplesPerSecond: SAMPLES_MAX, transport, seed: 1 })
  const answer = questionMessage({ name, type: typeCode(type) ?? 0 })
  for (let time = 0; time < times; time++)
    if (sampler.isDue()) sampler.take(answer, answer.length, { rcode: RCODE[rcode], ipv6, octets, microseconds })
  world.runtime.analytics.take(sampler.drain())
}
