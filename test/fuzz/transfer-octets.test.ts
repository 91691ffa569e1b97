/** Transfers in: streams of real servers with octets changed and messages lost, repeated or out of order. */

import { readFileSync } from 'node:fs'
import type { DnsRecord } from '../../src/dns/message.ts'
import { parseName } from '../../src/dns/name.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import { campaign, showOctets, smallerList, smallerOctets } from './campaign.ts'
import { streamsOf } from './corpus.ts'
import { mutate, pick } from './mutate.ts'
import { checkStream, type Stream } from './transfer-target.ts'

const APEX = parseName('fuzz.example.')
const ID = 0x1234
const BASE = baseZone()

const corpus = streamsOf('streams')
const donors = corpus.flat()

campaign<Stream>({
  claim: 'AC-04 AC-05 IC-04 a transfer of changed octets is done only if it is a whole zone, and fails otherwise',
  share: 'transfer octets',
  known: corpus.flatMap((messages) => [stream(messages, 'AXFR', undefined), stream(messages, 'IXFR', 1)]),
  make: (chance) => {
    const messages = pick(corpus, chance).slice()
    for (let changes = 1 + chance(2); changes > 0; changes--) {
      const at = chance(messages.length)
      const [message = pick(donors, chance)] = messages.splice(at, chance(8) === 0 ? 0 : 1)
      const other = chance(8) === 0 ? message : mutate(message, donors, chance)
      if (chance(12) > 0) messages.splice(chance(4) === 0 ? chance(messages.length + 1) : at, 0, other)
    }
    const type = questionType(messages)
    return stream(messages, type, type === 'IXFR' ? 1 : pick([undefined, 1, 3, 2 ** 31 + 3], chance))
  },
  check: checkStream,
  smaller: function* ({ asked, messages }) {
    for (const fewer of smallerList(messages)) yield { asked, messages: fewer }
    for (const [index, message] of messages.entries()) {
      for (const smaller of smallerOctets(message)) yield { asked, messages: messages.with(index, smaller) }
    }
  },
  show: ({ asked, messages }) => `${asked.type} since ${asked.since}\n${messages.map(showOctets).join('\n\n')}`,
})

function stream(messages: readonly Uint8Array[], type: 'AXFR' | 'IXFR', since: number | undefined): Stream {
  return { asked: { apex: APEX, id: ID, type, since, base: BASE }, messages }
}

/** The type that the stream's first message answers: QTYPE stands behind header and apex. */
function questionType([first]: readonly Uint8Array[]): 'AXFR' | 'IXFR' {
  return first?.[12 + APEX.length + 1] === 251 ? 'IXFR' : 'AXFR'
}

function baseZone(): DnsRecord[] {
  const text = readFileSync('test/fixtures/fuzz/base.zone', 'utf8')
  const items = [...parseZoneFile(text, { origin: APEX })]
  return items.flatMap((item) => (item.type === 'record' ? [item.record] : []))
}
