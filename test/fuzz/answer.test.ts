/** Answers: whatever is asked, there is silence or one whole message of the right size that belongs to the question. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { OPCODE } from '../../src/dns/code.ts'
import { type Message, newMessage, readMessage } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { parseName, sameName, type Name } from '../../src/dns/name.ts'
import { type Hmac, TSIG_ALGORITHMS, type TsigKey } from '../../src/dns/tsig.ts'
import { signRequest } from '../../src/dns/tsig-sign.ts'
import { WireError } from '../../src/dns/wire.ts'
import { NEEDS_NOTIFY, NEEDS_TRANSFER, NEEDS_TSIG, SILENCE } from '../../src/protocol/answer.ts'
import { respondSlowly } from '../../src/protocol/slow.ts'
import { World } from '../answer/world.ts'
import type { Chance } from '../random-rdata.ts'
import { campaign, showOctets, smallerOctets } from './campaign.ts'
import { messagesOf, readServed } from './corpus.ts'
import { mutate, pick } from './mutate.ts'

const UDP_SIZE_MAX = 1232
const NOW = 1_795_248_000_000

const hmac: Hmac = (algorithm, secret, parts) => {
  const hash = createHmac(TSIG_ALGORITHMS[algorithm].hash, secret)
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const KEY: TsigKey = { name: parseName('key.example.'), algorithm: 'hmac-sha256', secret: new Uint8Array(32).fill(7) }
const keys = (name: Name): TsigKey | undefined => (sameName(name, KEY.name) ? KEY : undefined)

const world = new World({ udpSizeMax: UDP_SIZE_MAX, cookieSecrets: [new Uint8Array(16).fill(1)] })
world.client.now = NOW
for (const [apex, text] of readServed()) world.load(apex, text)
world.configure('empty.example.')

const corpus = messagesOf('requests')
const donors = [...corpus, ...messagesOf('messages')]
const NAMES = namesToAsk()
const TYPES = [1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 43, 46, 47, 48, 50, 64, 65, 128, 251, 252, 255, 65_280]

interface Case {
  readonly request: Uint8Array
  readonly transport: 'udp' | 'tcp'
}

campaign<Case>({
  claim: 'MB-01 MB-05 ED-05 any request is met with silence, or with one answer of the right size, header and question',
  share: 'answer',
  known: corpus.flatMap((request) => [
    { request, transport: 'udp' },
    { request, transport: 'tcp' },
  ]),
  make: (chance) => ({ request: request(chance), transport: pick(['udp', 'tcp'], chance) }),
  check: ({ request, transport }) => {
    const before = request.slice()
    const answer = world.respond(request, transport)
    assert.deepEqual(request, before, 'answering does not change the request')
    if (typeof answer === 'number') checkNoAnswer(answer, request, transport)
    else checkAnswer(answer, request, transport)
  },
  smaller: function* ({ request, transport }) {
    for (const smaller of smallerOctets(request)) yield { request: smaller, transport }
  },
  show: ({ request, transport }) => `${transport} ${showOctets(request)}`,
})

function request(chance: Chance): Uint8Array {
  const octets = chance(3) === 0 ? pick(corpus, chance) : question(chance)
  const wrong = chance(2) === 0 ? octets : mutate(octets, donors, chance)
  if (chance(6) > 0 || wrong.length < 12 || wrong.length > 60_000) return wrong
  const signed = signRequest(wrong, KEY, { hmac, now: NOW }).octets
  return chance(2) === 0 ? signed : mutate(signed, donors, chance)
}

/** A question that a client may well ask. */
function question(chance: Chance): Uint8Array {
  const name = pick(NAMES, chance)
  const edns = { udpSize: pick([0, 512, 600, 1232, 4096, 65_535], chance), version: 0, do: chance(2) === 0, flags: 0 }
  return writeMessage(
    newMessage({
      id: chance(0x1_0000),
      rd: chance(2) === 0,
      opcode: chance(20) === 0 ? chance(16) : OPCODE.QUERY,
      questions: [{ name, type: chance(10) === 0 ? chance(0x1_0000) : pick(TYPES, chance), class: 1 }],
      ...(chance(3) === 0 ? {} : { edns: { ...edns, options: [] } }),
    }),
  )
}

function checkNoAnswer(code: number, request: Uint8Array, transport: 'udp' | 'tcp'): void {
  if (code === SILENCE) assert(request.length < 12 || ((request[2] as number) & 0x80) !== 0, 'silence for a request')
  else if (code === NEEDS_TSIG) checkSlowAnswer(request, transport)
  else assert(code === NEEDS_NOTIFY || code === NEEDS_TRANSFER, `code ${code}`)
}

function checkSlowAnswer(request: Uint8Array, transport: 'udp' | 'tcp'): void {
  const client = { ...world.client, transport }
  const { octets } = respondSlowly(request, { responder: world.responder, client, keys, hmac })
  checkAnswer(octets, request, transport)
}

function checkAnswer(answer: Uint8Array, request: Uint8Array, transport: 'udp' | 'tcp'): void {
  const read = readMessage(answer)
  assert(read.qr)
  assert(!read.ra && !read.z && !read.ad && !read.cd)
  assert.equal(read.id, ((request[0] as number) << 8) | (request[1] as number))
  assert.equal(read.opcode, ((request[2] as number) >> 3) & 15)
  assert.equal(read.rd, ((request[2] as number) & 1) !== 0)
  const asked = readOrRefuse(request)
  if (asked !== undefined) checkAgainst(read, asked)
  assert(answer.length <= sizeMax(read, asked, transport), `${answer.length} octets`)
  const records = [...read.answer, ...read.authority, ...read.additional]
  if (read.rcode !== 0 && read.rcode !== 3 && read.rcode !== 6) assert.equal(records.length, 0, 'an error has no data')
  if (transport === 'tcp') assert(!read.tc || answer.length > 50_000, 'only what is too long is cut')
  for (const { type } of records) assert(type !== 41 && type !== 250)
}

function checkAgainst(answer: Message, asked: Message): void {
  const isKnown = asked.opcode === OPCODE.QUERY || asked.opcode === OPCODE.UPDATE
  assert.equal(
    answer.edns !== undefined,
    isKnown && asked.edns !== undefined,
    'OPT if and only if it was in the request',
  )
  if (answer.edns !== undefined) assert.equal(answer.edns.version, 0)
  if (answer.questions.length > 0) assert.deepEqual(answer.questions, asked.questions)
}

/** What the transport and the asker allow; errors repeat the question, which may be longer than that allows by itself. */
function sizeMax(answer: Message, asked: Message | undefined, transport: 'udp' | 'tcp'): number {
  if (transport === 'tcp') return 65_535
  if (answer.answer.length + answer.authority.length === 0) return UDP_SIZE_MAX
  // RDATA in a request means nothing to whoever answers: it may be malformed, and the OPT record beside it counts.
  if (asked === undefined) return UDP_SIZE_MAX
  return asked.edns === undefined ? 512 : Math.max(512, Math.min(asked.edns.udpSize, UDP_SIZE_MAX))
}

/** The request as a message. Octets behind the last record are passed over by whoever answers. */
function readOrRefuse(octets: Uint8Array): Message | undefined {
  try {
    return readMessage(octets)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    const goesOn = error.reason === 'octets behind the last record'
    return goesOn ? readOrRefuse(octets.subarray(0, error.offset)) : undefined
  }
}

/** The owners of the zones, names below them and names beside them. */
function namesToAsk(): Name[] {
  const owners = readServed().flatMap(([apex, text]) =>
    text
      .split('\n')
      .filter((line) => /^[^;$]/.test(line))
      .map((line) => line.split(' ')[0] as string)
      .map((owner) => (owner === '@' ? apex : `${owner}.${apex}`)),
  )
  const unique = [...new Set([...owners, 'chain1.fuzz.example.', 'many.fuzz.example.', 'big.fuzz.example.'])]
  const deep = `${'a.'.repeat(60)}b.long.fuzz.example.`
  const others = [
    '.',
    'example.',
    'elsewhere.example.',
    'www.empty.example.',
    'WWW.FUZZ.EXAMPLE.',
    'wide.fuzz.example.',
    deep,
  ]
  return [...unique, ...unique.flatMap((owner) => [`x.${owner}`, `*.${owner}`, `a.b.${owner}`]), ...others].map(
    (name) => parseName(name),
  )
}
