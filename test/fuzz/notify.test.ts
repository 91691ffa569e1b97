/** NOTIFY, requests for transfers and answers to SOA checks: whatever comes, there is a verdict, and an answer to it that can be sent. */

import assert from 'node:assert/strict'
import { OPCODE } from '../../src/dns/code.ts'
import { readMessage } from '../../src/dns/message.ts'
import type { Message } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { parseName, sameName, skipName } from '../../src/dns/name.ts'
import type { TsigKey } from '../../src/dns/tsig.ts'
import type { Serial } from '../../src/dns/serial.ts'
import { type AccessDecision, decideNotify, decideTransfer, type Source } from '../../src/protocol/access.ts'
import { RequestView } from '../../src/protocol/answer-request.ts'
import { judgeNotify } from '../../src/protocol/notify.ts'
import { sentenceOf } from '../../src/protocol/reason.ts'
import { readSoaAnswer } from '../../src/protocol/soa-check.ts'
import { judgeTransfer, type ZoneToTransfer } from '../../src/protocol/transfer-request.ts'
import type { Chance } from '../random-rdata.ts'
import { campaign, showOctets, smallerOctets } from './campaign.ts'
import { messagesOf } from './corpus.ts'
import { mutate, pick } from './mutate.ts'

const view = new RequestView()
const APEX = parseName('fuzz.example.')
const corpus = messagesOf('requests')
const donors = [...corpus, ...messagesOf('messages')]
const notifications = corpus.filter((octets) => opcodeOf(octets) === OPCODE.NOTIFY)
const transfers = corpus.filter((octets) => isTransfer(octets))

const keyNamed = (name: string): TsigKey => ({
  name: parseName(name),
  algorithm: 'hmac-sha256',
  secret: Uint8Array.of(1),
})
const KEY = keyNamed('key.example.')
const ACCESS = {
  peers: [
    { id: 'plain', address: Uint8Array.of(192, 0, 2, 1), key: undefined },
    { id: 'keyed', address: Uint8Array.of(192, 0, 2, 2), key: KEY },
  ],
  networks: [],
}
const SOURCES: readonly Source[] = [1, 2, 3].flatMap((last) =>
  [undefined, KEY, keyNamed('other.example.')].map((key) => ({ address: Uint8Array.of(192, 0, 2, last), key })),
)

interface Case {
  readonly octets: Uint8Array
  readonly source: Source
}

const show = ({ octets, source }: Case): string => `from ${source.address.join('.')} ${showOctets(octets)}`

function* smaller({ octets, source }: Case): Generator<Case> {
  for (const fewer of smallerOctets(octets)) yield { octets: fewer, source }
}

campaign<Case>({
  claim:
    'NT-03 NT-13 any NOTIFY gets a verdict and an answer, and only one for a zone of ours from a known host starts a check',
  share: 'notify',
  known: notifications.flatMap((octets) => SOURCES.map((source) => ({ octets, source }))),
  make: (chance) => make(notifications, chance),
  check: ({ octets, source }) => {
    const decisions: AccessDecision[] = []
    const decide = (): AccessDecision => {
      const decision = decideNotify(ACCESS, source, { keyRequired: false })
      decisions.push(decision)
      return decision
    }
    const verdict = judgeNotify(octets, { zoneOf: (apex) => (sameName(apex, APEX) ? APEX : undefined), decide })
    if (verdict.type === 'silent') return assert(octets.length < 12 || isResponse(octets))
    checkResponse(verdict.response, octets)
    if (verdict.type === 'refused') return
    assert(decisions.at(-1)?.allowed, 'a check starts for who is allowed to ask for one')
    assert.equal(verdict.response.rcode, 0)
    const { questions, answer, authority, additional } = readMessage(octets)
    assert(questions.length === 1 && answer.length <= 1 && authority.length + additional.length === 0)
    assert(questions[0]?.type === 6 && sameName(questions[0].name, APEX))
    if (verdict.serialHint !== undefined) assert.equal(answer[0]?.type, 6)
  },
  smaller,
  show,
})

campaign<Case>({
  claim: 'AX-13 IX-01 any request for a transfer gets a verdict, and a zone is sent to nobody who may not have it',
  share: 'transfer request',
  known: transfers.flatMap((octets) => SOURCES.map((source) => ({ octets, source }))),
  make: (chance) => make(transfers, chance),
  check: ({ octets, source }) => {
    if (!isHandedOn(octets)) return
    const zone: ZoneToTransfer = { state: 'serving', serial: 3 as Serial }
    let places = 0
    const decision = decideTransfer(ACCESS, source)
    const verdict = judgeTransfer(octets, {
      transport: octets.length % 2 === 0 ? 'tcp' : 'udp',
      zoneOf: (apex) => (sameName(apex, APEX) ? zone : undefined),
      decide: () => decision,
      takePlace: () => ++places > 0,
    })
    assert.equal(places, verdict.type === 'send' && verdict.what === 'zone' ? 1 : 0, 'a place is taken for a zone only')
    if (verdict.type === 'refused') return checkResponse(verdict.response, octets)
    assert(decision.allowed)
    assert(sameName(verdict.question.name, APEX))
    assert.equal(verdict.since !== undefined, verdict.question.type === 251)
  },
  smaller,
  show,
})

const soaAnswers = [...messagesOf('messages'), ...messagesOf('streams')].filter((octets) => isSoaAnswer(octets))

campaign<Uint8Array>({
  claim: 'any answer to a SOA check is the one SOA of the zone, with authority, or a reason why it is not',
  share: 'soa answer',
  known: soaAnswers,
  make: (chance) => mutate(pick(soaAnswers, chance), donors, chance),
  check: (octets) => {
    const check = readSoaAnswer(octets, { apex: APEX, id: 0x1234 })
    if (check.type === 'failed') return assert(sentenceOf(check.reason).length > 10)
    const { aa, rcode, answer } = readMessage(octets)
    assert(aa && rcode === 0)
    const soas = answer.filter((record) => record.type === 6 && record.class === 1 && sameName(record.owner, APEX))
    assert.equal(soas.length, 1)
    const { rdata = new Uint8Array(20) } = soas[0] ?? {}
    const numbers = new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 20)
    const { serial, refresh, retry, expire } = check.soa
    assert.deepEqual(
      [serial, refresh, retry, expire],
      [0, 4, 8, 12].map((at) => numbers.getUint32(at)),
    )
  },
  smaller: smallerOctets,
  show: showOctets,
})

function isSoaAnswer(octets: Uint8Array): boolean {
  const at = skipName(octets, 12)
  return octets[at] === 0 && octets[at + 1] === 6
}

function make(from: readonly Uint8Array[], chance: Chance): Case {
  const octets = mutate(pick(from, chance), donors, chance)
  // Whoever judges is only asked about messages of this kind.
  if (octets.length > 2) octets[2] = ((octets[2] as number) & 0x87) | ((from[0] as Uint8Array)[2] as number)
  return { octets, source: pick(SOURCES, chance) }
}

function checkResponse(response: Message, request: Uint8Array): void {
  const written = writeMessage(response, { limit: 1232 })
  const read = readMessage(written)
  assert(read.qr && !read.tc)
  assert.equal(read.id, ((request[0] as number) << 8) | (request[1] as number))
  assert.equal(read.opcode, opcodeOf(request))
  assert.equal(read.answer.length + read.authority.length + read.additional.length, 0)
}

function opcodeOf(octets: Uint8Array): number {
  return ((octets[2] as number) >> 3) & 15
}

function isResponse(octets: Uint8Array): boolean {
  return ((octets[2] as number) & 0x80) !== 0
}

/** Whether answering threads hand a request on as one for a transfer. */
function isHandedOn(octets: Uint8Array): boolean {
  if (octets.length < 12 || !view.read(octets, octets.length)) return false
  return view.class === 1 && (view.type === 251 || view.type === 252)
}

function isTransfer(octets: Uint8Array): boolean {
  const { questions, opcode } = readMessage(octets)
  return opcode === OPCODE.QUERY && (questions[0]?.type === 251 || questions[0]?.type === 252)
}
