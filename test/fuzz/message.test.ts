/** Messages: whatever the octets are, they are refused with a WireError or read; what was read can be written and read. */

import assert from 'node:assert/strict'
import { readCookie, readExpire, readExtendedError, readKeepalive, udpSizeOf } from '../../src/dns/edns.ts'
import { type Message, readHeader, readMessage } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { printName } from '../../src/dns/name.ts'
import { findTsig } from '../../src/dns/tsig.ts'
import { WireError, WriteOverflow } from '../../src/dns/wire.ts'
import { printRecord } from '../../src/dns/zonefile/printer.ts'
import { campaign, showOctets, smallerOctets } from './campaign.ts'
import { messagesOf } from './corpus.ts'
import { mutate, pick } from './mutate.ts'

const corpus = [...messagesOf('messages'), ...messagesOf('requests'), ...messagesOf('streams')]

campaign({
  claim: 'any octets are refused with a WireError or are a message that is written and read again unchanged',
  share: 'message',
  known: corpus,
  make: (chance) => mutate(pick(corpus, chance), corpus, chance),
  check: (octets) => {
    const message = readOrRefuse(octets)
    if (message !== undefined) checkMessage(message, octets)
  },
  smaller: smallerOctets,
  show: showOctets,
})

function readOrRefuse(octets: Uint8Array): Message | undefined {
  const before = octets.slice()
  try {
    const message = readMessage(octets)
    assert.deepEqual({ ...readHeader(octets), rcode: 0 }, { ...headerOf(message), rcode: 0 })
    return message
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    assert(error.offset >= 0 && error.offset <= octets.length + 65_535, `offset ${error.offset}`)
    return undefined
  } finally {
    assert.deepEqual(octets, before, 'reading changes nothing')
  }
}

function checkMessage(message: Message, octets: Uint8Array): void {
  assert.equal(findTsig(octets)?.start, message.tsig?.start)
  const { tsig: _, ...unsigned } = message
  const written = write(unsigned)
  if (written !== undefined) checkWritten(unsigned, written)
  const { questions, answer, authority, additional } = message
  for (const { name } of questions) assert(printName(name).endsWith('.'))
  for (const record of [...answer, ...authority, ...additional]) if (record.rdata.length > 0) printRecord(record)
  assert(udpSizeOf(message.edns) >= 512)
  for (const { octets } of message.edns?.options ?? []) {
    for (const read of [readCookie, readExpire, readExtendedError, readKeepalive]) read(octets)
  }
}

function checkWritten(message: Message, written: Uint8Array): void {
  const read = readMessage(written)
  if (read.tc && !message.tc) assert(written.length > 60_000, 'only what is too long is cut')
  else assert.deepEqual(read, message)
  const limit = 512 + (written.length % 700)
  const cut = write(message, limit)
  if (cut === undefined) return
  assert(cut.length <= limit)
  const { answer, tc } = readMessage(cut)
  assert.deepEqual(answer, message.answer.slice(0, answer.length))
  assert(tc || answer.length === message.answer.length, 'what is missing is told')
}

/** Undefined where even questions and OPT are longer than the limit. */
function write(message: Message, limit?: number): Uint8Array | undefined {
  try {
    return writeMessage(message, limit === undefined ? {} : { limit })
  } catch (error) {
    if (!(error instanceof WriteOverflow)) throw error
    return undefined
  }
}

function headerOf({
  id,
  qr,
  opcode,
  aa,
  tc,
  rd,
  ra,
  z,
  ad,
  cd,
  rcode,
}: Message): Omit<Message, 'questions' | 'answer' | 'authority' | 'additional'> {
  return { id, qr, opcode, aa, tc, rd, ra, z, ad, cd, rcode }
}
