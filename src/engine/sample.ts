/** A sample of the questions, as the main thread reads it out of what a thread that answers has taken (sampler.ts). */

import { nameFromWire, printName } from '../dns/name.ts'
import { SAMPLE_FLAG, SAMPLE_HEAD_OCTETS } from './sampler.ts'

/** One question that stands for `weight` of its kind. */
export interface Sample {
  readonly weight: number
  /** In presentation format, in lower case, without the final dot; the root is the empty name. */
  readonly name: string
  readonly type: number
  readonly rcode: number
  readonly tcp: boolean
  readonly ipv6: boolean
  readonly requestOctets: number
  readonly answerOctets: number
  /** What the answer took. */
  readonly microseconds: number
}

export function* readSamples(octets: Uint8Array): Generator<Sample> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  for (let at = 0; at < octets.length;) {
    const flags = view.getUint8(at + 8)
    const nameAt = at + SAMPLE_HEAD_OCTETS
    yield {
      weight: view.getUint32(at),
      name: printName(nameFromWire(octets, nameAt)).slice(0, -1),
      type: view.getUint16(at + 4),
      rcode: view.getUint16(at + 6),
      tcp: (flags & SAMPLE_FLAG.tcp) !== 0,
      ipv6: (flags & SAMPLE_FLAG.ipv6) !== 0,
      requestOctets: view.getUint16(at + 10),
      answerOctets: view.getUint16(at + 12),
      microseconds: view.getUint32(at + 14),
    }
    at = nameAt + view.getUint8(at + 9)
  }
}
