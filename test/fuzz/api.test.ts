/** What strangers write to the API, and what of their zones it shows: bodies, searches, records as JSON. */

import assert from 'node:assert/strict'
import type { FastifyInstance } from 'fastify'
import { acceptBodies } from '../../src/api/body.ts'
import { ApiError } from '../../src/api/errors.ts'
import { readRecordSearch } from '../../src/api/record-query.ts'
import { RecordSeen } from '../../src/api/record-seen.ts'
import { fromCloudflare, toCloudflare } from '../../src/dns/cloudflare-record.ts'
import type { Json } from '../../src/dns/field.ts'
import { parseName } from '../../src/dns/name.ts'
import { hexText, utf8Octets } from '../../src/dns/octets.ts'
import type { RecordType } from '../../src/dns/record-type.ts'
import { RECORD_TYPES } from '../../src/dns/record-types.ts'
import { TextError } from '../../src/dns/text.ts'
import type { Zone } from '../../src/store/objects.ts'
import { storeRecord } from '../../src/zone/stored-form.ts'
import { type Chance, chanceOf, randomRdata } from '../random-rdata.ts'
import { campaign, showOctets, smallerOctets } from './campaign.ts'
import { mutateText, smallerText } from './mutate-text.ts'
import { mutate, pick } from './mutate.ts'

const APEX = parseName('fuzz.example.')

const BODIES = [
  '{"name":"example.org","account":{"id":"0123456789abcdef0123456789abcdef"},"type":"secondary"}',
  '{"auto_refresh_seconds":86400,"name":"www.example.com.","peers":["23ff594956f20c2a721606e94745a8aa"]}',
  '{"ip":"192.0.2.53","ixfr_enable":false,"name":"my-peer-1","port":53,"tsig_id":null}',
  '[[[[1,2.5e3],"\\u00e4\\ud83d\\ude00"],true,null],{"a":{"b":{}}}]',
].map((text) => utf8Octets(text))

/** More levels than any body may have. */
const DEPTH_MAX = 32

type BodyParser = (request: unknown, body: Uint8Array, done: (error: Error | null, value?: unknown) => void) => void

/** The parser of bodies, as the API hands it to Fastify. */
const parseBody = ((): BodyParser => {
  let parser: BodyParser | undefined
  const addContentTypeParser = (_type: string, _options: object, given: BodyParser) => (parser = given)
  const face = new Proxy(
    {},
    { get: (_, name) => (name === 'addContentTypeParser' ? addContentTypeParser : () => face) },
  )
  acceptBodies(face as FastifyInstance)
  assert(parser !== undefined)
  return parser
})()

campaign<Uint8Array>({
  claim: 'any body is refused with an ApiError, or is a value without nulls, prototypes and depths',
  share: 'api body',
  known: BODIES,
  make: (chance) => mutate(pick(BODIES, chance), [...BODIES, utf8Octets('{"__proto__":{"a":1}}')], chance),
  check: (octets) => {
    parseBody(undefined, Buffer.from(octets), (error, value) => {
      if (error === null) checkValue(value, 0)
      else if (!(error instanceof ApiError)) throw error
    })
  },
  smaller: smallerOctets,
  show: showOctets,
})

function checkValue(value: unknown, depth: number): void {
  assert(depth <= DEPTH_MAX)
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) assert.equal(Object.getPrototypeOf(value), Object.prototype)
  for (const [key, member] of Object.entries(value)) {
    assert(Array.isArray(value) || (member !== null && key !== '__proto__'))
    checkValue(member, depth + 1)
  }
}

interface Case {
  readonly type: RecordType
  readonly rdata: Uint8Array
  /** What is searched for, or sent in place of the record's own JSON. */
  readonly text: string
}

const ZONE: Zone = {
  id: '0123456789abcdef0123456789abcdef',
  accountId: '0123456789abcdef0123456789abcdef',
  name: 'fuzz.example',
  type: 'secondary',
  status: 'active',
  paused: false,
  nameServers: ['ns1.example', 'ns2.example'],
  createdOn: '2026-11-21T00:00:00Z',
  modifiedOn: '2026-11-21T00:00:00Z',
  activatedOn: null,
}

const MEMBERS = ['name', 'content', 'type', 'search', 'name.contains', 'content.startswith', 'comment', 'tag.absent']

campaign<Case>({
  claim: 'any record is shown as JSON and found by any search, and JSON of any kind is a record or a TextError',
  share: 'api records',
  make: (chance) => {
    const type = pick(RECORD_TYPES, chance)
    const rdata = randomRdata(type, chance)
    return { type, rdata, text: mutateText(JSON.stringify(toCloudflare(type, rdata)), ['{}'], chance) }
  },
  check: ({ type, rdata, text }) => {
    const shown = toCloudflare(type, rdata)
    JSON.stringify(shown)
    if (type.cloudflare !== undefined && !shown.content.startsWith('\\#')) {
      assert.equal(hexText(fromCloudflare(type, shown)), hexText(rdata))
    }
    search(type, rdata, text)
    const input = inputOf(text)
    if (input !== undefined) readOrRefuse(type, input)
  },
  smaller: function* ({ type, rdata, text }) {
    for (const smaller of smallerText(text)) yield { type, rdata, text: smaller }
  },
  show: ({ type, rdata, text }) => `${type.mnemonic} ${showOctets(rdata)} ${JSON.stringify(text)}`,
})

function search(type: RecordType, rdata: Uint8Array, text: string): void {
  const chance = chanceOf(text.length)
  const owner = parseName('a\\.b.fuzz.example.')
  const octets = storeRecord({ owner, type: type.code, class: 1, ttl: 1, rdata }, APEX)
  const query = Object.fromEntries(MEMBERS.filter(() => chance(3) === 0).map((member) => [member, word(text, chance)]))
  const { test } = readRecordSearch({ ...query, match: pick(['any', 'all'], chance) }, ZONE)
  const found = test?.(new RecordSeen(APEX).look({ octets, at: 0, end: octets.length }))
  assert(found === undefined || typeof found === 'boolean')
}

function word(text: string, chance: Chance): string {
  const at = chance(text.length)
  return text.slice(at, at + chance(30))
}

interface Input {
  content?: string
  data?: Record<string, Json>
  priority?: Json
}

/** The text as the input of a record, as far as the schemas of the API let it through. */
function inputOf(text: string): Input | undefined {
  try {
    const { content, data, priority } = JSON.parse(text) as Record<string, unknown>
    const input: Input = {}
    if (typeof content === 'string') input.content = content
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) input.data = data as Record<string, Json>
    if (typeof priority === 'number') input.priority = priority
    return input
  } catch {
    return undefined
  }
}

function readOrRefuse(type: RecordType, input: Input): void {
  try {
    const rdata = fromCloudflare(type, { ...input, apex: APEX })
    type.checkRdata(rdata)
  } catch (error) {
    if (!(error instanceof TextError)) throw error
  }
}
