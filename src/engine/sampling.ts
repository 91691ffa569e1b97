/** Once a second, and whenever the main thread wants to know, a thread that answers tells what it has sampled. */

import { randomInt } from 'node:crypto'
import { Sampler } from './sampler.ts'
import type { Settings } from './settings.ts'
import type { AnswerReport } from './thread-messages.ts'

const TELL_MS = 1000
const SEED_MAX = 2 ** 31

export interface Sampling {
  /** Undefined if no questions are to be counted. */
  readonly sampler: Sampler | undefined
  /** Tells what there is, in answer to an order. */
  tell(ticket?: number): void
  /** Tells what is left, and no more. */
  stop(): void
}

interface SamplingWorld {
  readonly settings: Pick<Settings, 'analytics'>
  readonly transport: 'udp' | 'tcp'
  readonly report: (report: AnswerReport) => void
}

export function startSampling({ settings, transport, report }: SamplingWorld): Sampling {
  const { samplesPerSecond } = settings.analytics
  const sampler =
    samplesPerSecond === 0 ? undefined : new Sampler({ samplesPerSecond, transport, seed: randomInt(1, SEED_MAX) })
  const tell = (ticket?: number) => {
    const octets = sampler?.drain() ?? new Uint8Array(0)
    if (octets.length > 0 || ticket !== undefined) report({ type: 'samples', octets, ticket })
  }
  const telling = setInterval(() => {
    tell()
    sampler?.renew()
  }, TELL_MS)
  return {
    sampler,
    tell,
    stop() {
      clearInterval(telling)
      tell()
    },
  }
}
