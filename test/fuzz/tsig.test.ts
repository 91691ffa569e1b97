/** TSIG: what is believed is exactly what was signed, whatever is done to a message or to the order of messages. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { sameName, skipName, parseName, type Name } from '../../src/dns/name.ts'
import { asciiOctets, hexText, octetsEqual } from '../../src/dns/octets.ts'
import { findTsig, type Hmac, TSIG_ALGORITHMS, type TsigAlgorithm, type TsigKey } from '../../src/dns/tsig.ts'
import { signRefusal, signRequest, signResponse, TsigSigner } from '../../src/dns/tsig-sign.ts'
import { TsigVerifier } from '../../src/dns/tsig-stream.ts'
import { type TsigVerdict, verify } from '../../src/dns/tsig-verify.ts'
import type { Chance } from '../random-rdata.ts'
import { campaign, showOctets, smallerList, smallerOctets } from './campaign.ts'
import { messagesOf } from './corpus.ts'
import { mutate, pick, recordsOf } from './mutate.ts'
import { signMessage } from '../sign-message.ts'

const NOW = 1_795_248_000_000
const SECRET = asciiOctets('0123456789abcdef0123456789abcdef')
const KEYS: readonly TsigKey[] = (Object.keys(TSIG_ALGORITHMS) as TsigAlgorithm[]).map((algorithm) => ({
  name: parseName(`${algorithm}.Key.example.`),
  algorithm,
  secret: SECRET,
  macOctetsMin: 0, // so that only the protocol itself says how short is too short
}))
const REQUEST_MAC = asciiOctets('the MAC of the request')

const hmac: Hmac = (algorithm, secret, parts) => {
  const hash = createHmac(TSIG_ALGORITHMS[algorithm].hash, secret)
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const keys = (name: Name): TsigKey | undefined => KEYS.find((key) => sameName(key.name, name))

const plain = [...messagesOf('messages'), ...messagesOf('requests')].filter((octets) => findTsig(octets) === undefined)

interface Case {
  /** The message as it was signed, without the signature. */
  readonly plain: Uint8Array
  readonly isAnswer: boolean
  readonly mutant: Uint8Array
}

campaign<Case>({
  claim: 'TS-16 TS-18 a signed message that was changed is refused, and one that is believed says what was signed',
  share: 'tsig',
  make: (chance) => {
    const message = pick(plain, chance)
    const key = pick(KEYS, chance)
    const isAnswer = chance(2) === 0
    const options = { hmac, now: NOW }
    const { octets } = isAnswer
      ? signResponse(message, key, { ...options, requestMac: REQUEST_MAC })
      : signRequest(message, key, options)
    return {
      plain: message,
      isAnswer,
      mutant: chance(3) === 0 ? mutateTsig(octets, chance) : mutate(octets, plain, chance),
    }
  },
  check: ({ plain, isAnswer, mutant }) => {
    const before = mutant.slice()
    const verdict = verify(mutant, { keys, hmac, now: NOW, ...(isAnswer ? { requestMac: REQUEST_MAC } : {}) })
    assert(octetsEqual(mutant, before), 'verifying changes nothing')
    if (verdict.type !== 'verified') return checkRefusal(verdict)
    assert.equal(hexText(verdict.octets), hexText(plain))
    assert(verdict.mac.length >= Math.max(10, TSIG_ALGORITHMS[verdict.key.algorithm].hashOctets / 2))
  },
  smaller: function* ({ plain, isAnswer, mutant }) {
    for (const smaller of smallerOctets(mutant)) yield { plain, isAnswer, mutant: smaller }
  },
  show: ({ isAnswer, mutant }) => `${isAnswer ? 'answer' : 'request'} ${showOctets(mutant)}`,
})

/** A refusal can be answered, and an answer that tells of it is not believed as an answer to anything. */
function checkRefusal(verdict: Exclude<TsigVerdict, { type: 'verified' }>): void {
  if (verdict.type === 'unsigned') return
  const answer = signRefusal(plain[0] as Uint8Array, verdict, { hmac, now: NOW })
  const read = verify(answer, { keys, hmac, now: NOW, requestMac: verdict.tsig?.mac ?? REQUEST_MAC })
  assert.notEqual(read.type, 'verified')
}

/** Cuts the MAC, as a sender may within bounds (RFC 8945 §5.2.2.1): its first octets stay right. */
function cutMac(octets: Uint8Array, chance: Chance): Uint8Array {
  const { rdata, end } = recordsOf(octets).at(-1) ?? { rdata: 0, end: octets.length }
  const lengthAt = skipName(octets, rdata) + 8
  const length = octets[lengthAt + 1] as number
  const cut = chance(length + 1)
  const behind = lengthAt + 2 + length
  const mutant = Uint8Array.from([...octets.subarray(0, behind - cut), ...octets.subarray(behind)])
  mutant[lengthAt + 1] = length - cut
  mutant[rdata - 2] = (end - rdata - cut) >> 8
  mutant[rdata - 1] = end - rdata - cut
  return mutant
}

/** Changes a field of the signature itself. */
function mutateTsig(octets: Uint8Array, chance: Chance): Uint8Array {
  if (chance(3) === 0) return cutMac(octets, chance)
  const { start, rdata, end } = recordsOf(octets).at(-1) ?? { start: 0, rdata: 0, end: octets.length }
  const mutant = octets.slice()
  for (let changes = 1 + chance(3); changes > 0; changes--) {
    mutant[chance(3) === 0 ? start + chance(rdata - start) : rdata + chance(end - rdata)] = chance(256)
  }
  return mutant
}

interface Stream {
  readonly plain: readonly Uint8Array[]
  readonly messages: readonly Uint8Array[]
}

const KEY = KEYS[3] as TsigKey

campaign<Stream>({
  claim:
    'TS-12 of a signed stream with messages changed, lost, repeated or swapped only an unbroken beginning is believed',
  share: 'tsig stream',
  make: (chance) => {
    const messages = Array.from({ length: 1 + chance(8) }, () => pick(plain, chance))
    const signer = new TsigSigner(KEY, { hmac, requestMac: REQUEST_MAC })
    const signed: Uint8Array[] = messages.map((message) => signMessage(signer, message, NOW))
    for (let changes = chance(4); changes > 0; changes--) {
      const at = chance(signed.length)
      const removed = signed.splice(at, chance(2))
      const wrong = chance(3) === 0 ? mutate(pick(messages, chance), plain, chance) : pick(messages, chance)
      if (chance(2) === 0) signed.splice(chance(signed.length + 1), 0, removed[0] ?? wrong)
    }
    return { plain: messages, messages: signed }
  },
  check: ({ plain, messages }) => {
    const verifier = new TsigVerifier(KEY, { hmac, requestMac: REQUEST_MAC })
    const believed: Uint8Array[] = []
    for (const message of messages) {
      const verdict = verifier.accept(message, NOW)
      if (verdict?.type === 'refused') break
      believed.push(verdict.octets)
    }
    if (verifier.finish().type !== 'complete') return
    assert.deepEqual(believed.map(hexText), plain.slice(0, believed.length).map(hexText))
    assert(believed.length > 0)
  },
  smaller: function* ({ plain, messages }) {
    for (const fewer of smallerList(messages)) yield { plain, messages: fewer }
  },
  show: ({ messages }) => messages.map(showOctets).join('\n\n'),
})
