/**
 * Answers to signed questions (RFC 8945 §5): the TSIG is verified, the question is answered like any other, and the
 * answer is signed with the same key. A request whose TSIG does not hold learns why and nothing else.
 *
 * Slow beside answer.ts: it hashes, and it makes new octets for every message.
 */

import { assert } from '../dns/assert.ts'
import { RCODE } from '../dns/code.ts'
import { type Hmac, type TsigKey, tsigOctets } from '../dns/tsig.ts'
import { signRefusal, signResponse } from '../dns/tsig-sign.ts'
import { type TsigRefusal, verify, type VerifyOptions } from '../dns/tsig-verify.ts'
import { MESSAGE_OCTETS_MAX } from '../dns/wire.ts'
import type { Client, Responder } from './answer.ts'

/** What answering a signed request needs beside it. */
export interface SlowContext {
  readonly responder: Responder
  readonly client: Readonly<Client>
  readonly keys: VerifyOptions['keys']
  readonly hmac: Hmac
}

/** The answer to a signed request, and what became of its signature. */
export type SlowAnswer =
  | { readonly type: 'answered'; readonly octets: Uint8Array; readonly key: TsigKey }
  | { readonly type: 'refused'; readonly octets: Uint8Array; readonly refusal: TsigRefusal }

/** Answers a request for which `respond` returned `NEEDS_TSIG`. */
export function respondSlowly(request: Uint8Array, { responder, client, keys, hmac }: SlowContext): SlowAnswer {
  const { now } = client
  const verdict = verify(request, { keys, hmac, now })
  assert(verdict.type !== 'unsigned', 'a request without TSIG came to be verified')
  const out = new Uint8Array(MESSAGE_OCTETS_MAX)
  if (verdict.type === 'refused') {
    const rcode = verdict.error === 'FORMERR' ? RCODE.FORMERR : RCODE.NOTAUTH
    const octets = responder.refuse(request, request.length, out, client, rcode)
    return { type: 'refused', octets: signRefusal(out.subarray(0, octets), verdict, { hmac, now }), refusal: verdict }
  }
  const { key, mac } = verdict
  const roomy = { ...client, reservedOctets: client.reservedOctets + tsigOctets(key) }
  const octets = responder.respond(verdict.octets, verdict.octets.length, out, roomy)
  assert(octets > 0, 'a verified question was given back unanswered')
  // A forwarder may have given the request another ID than it was signed with: it waits for that one.
  out[0] = request[0] as number
  out[1] = request[1] as number
  const answer = signResponse(out.subarray(0, octets), key, { hmac, now, requestMac: mac })
  return { type: 'answered', octets: answer.octets, key }
}
