/** Framing: however a stream is cut into chunks, the messages are the same, and it ends where a length is no length. */

import assert from 'node:assert/strict'
import { hexText } from '../../src/dns/octets.ts'
import { frameOf, FrameReader, FramingError } from '../../src/net/framing.ts'
import { type Chance, chanceOf } from '../random-rdata.ts'
import { campaign, showOctets, smallerOctets } from './campaign.ts'
import { messagesOf } from './corpus.ts'
import { mutate, pick } from './mutate.ts'

const corpus = [...messagesOf('messages'), ...messagesOf('requests')]

interface Case {
  readonly stream: Uint8Array
  readonly octetsMin: number
  /** Decides where the stream is cut. */
  readonly seed: number
}

campaign<Case>({
  claim: 'TR-03 AC-05 a stream gives the same messages however it is cut, and the rest of it is known to be a part',
  share: 'framing',
  make: (chance) => {
    const frames = Array.from({ length: chance(6) }, () => frameOf(pick(corpus, chance)))
    const stream = Uint8Array.from(frames.flatMap((frame) => [...frame]))
    const isChanged = chance(2) === 0
    return {
      stream: isChanged ? mutate(stream, corpus, chance) : stream,
      octetsMin: pick([1, 12], chance),
      seed: chance(2 ** 31),
    }
  },
  check: ({ stream, octetsMin, seed }) => {
    const expected = split(stream, octetsMin)
    const reader = new FrameReader({ octetsMin })
    const messages: string[] = []
    const broken = feed(reader, stream, messages, chanceOf(seed))
    assert.deepEqual(messages, expected.messages)
    assert.equal(broken, expected.broken)
    if (!broken) assert.equal(reader.midMessage, expected.rest > 0)
  },
  smaller: function* ({ stream, octetsMin, seed }) {
    for (const smaller of smallerOctets(stream)) yield { stream: smaller, octetsMin, seed }
  },
  show: ({ stream, octetsMin, seed }) => `at least ${octetsMin}, cut by ${seed}: ${showOctets(stream)}`,
})

/** Gives the stream to a reader piece by piece, in a buffer that is used again; true if the reader gives up. */
function feed(reader: FrameReader, stream: Uint8Array, messages: string[], chance: Chance): boolean {
  const most = pick([1, 2, 7, 100, 70_000], chance)
  const isReused = chance(2) === 0
  const buffer = new Uint8Array(most)
  try {
    for (let at = 0; at < stream.length;) {
      const chunk = stream.subarray(at, at + 1 + chance(most))
      at += chunk.length
      if (isReused) buffer.set(chunk)
      reader.push(isReused ? buffer.subarray(0, chunk.length) : chunk.slice())
      for (let message = reader.next(); message !== undefined; message = reader.next()) messages.push(hexText(message))
    }
    return false
  } catch (error) {
    if (!(error instanceof FramingError)) throw error
    return true
  }
}

/** The slow twin: the whole stream at once. */
function split(stream: Uint8Array, octetsMin: number): { messages: string[]; broken: boolean; rest: number } {
  const messages: string[] = []
  let at = 0
  while (at + 2 <= stream.length) {
    const length = ((stream[at] as number) << 8) | (stream[at + 1] as number)
    if (length < octetsMin) return { messages, broken: true, rest: 0 }
    if (at + 2 + length > stream.length) break
    messages.push(hexText(stream.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  return { messages, broken: false, rest: stream.length - at }
}
