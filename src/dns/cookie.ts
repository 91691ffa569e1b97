/**
 * Server cookies that every server of an anycast set can check (RFC 9018 §4): version, three reserved octets, the
 * second it was made, and a hash of these, the client's cookie and its address.
 *
 *     version 1 | reserved 3 | seconds 4 | SipHash-2-4 8
 *
 * Hot: runs for every query with a cookie, so nothing is allocated but what a caller asks for.
 */

import { assert } from './assert.ts'
import { sipHash24 } from './siphash.ts'

export const CLIENT_COOKIE_OCTETS = 8
export const SERVER_COOKIE_OCTETS = 16
const COOKIE_SECRET_OCTETS = 16

/** What a cookie in a request says about who sent it. Only `fresh` and `aging` prove the address. */
export type CookieVerdict =
  /** Ours, and good for a while. */
  | 'fresh'
  /** Ours, but the answer should bring a new one: it is older than half an hour or made with an older secret. */
  | 'aging'
  /** Ours, but older than an hour. */
  | 'stale'
  /** Ours, but of a time more than five minutes ahead. */
  | 'early'
  /** Not made by us for this client. */
  | 'foreign'
  /** The client has none of ours yet. */
  | 'client only'
  /** Of a length that no cookie has: FORMERR (RFC 7873 §5.2.2). */
  | 'malformed'

const VERSION = 1
const STALE_SECONDS = 3600
const AGING_SECONDS = 1800
const EARLY_SECONDS = 300

const HASHED_AT = 8 // of a server cookie: the hash follows what it covers
const input = new Uint8Array(CLIENT_COOKIE_OCTETS + HASHED_AT + 16)
const expected = new Uint8Array(8)

/** Makes the server cookie for a client: `client` is its cookie, `address` its four or sixteen octets. */
export function makeServerCookie(
  client: Uint8Array,
  address: Uint8Array,
  secret: Uint8Array,
  now: number,
): Uint8Array<ArrayBuffer> {
  const cookie = new Uint8Array(SERVER_COOKIE_OCTETS)
  writeServerCookie(cookie, 0, client, 0, address, secret, now)
  return cookie
}

/** Puts the server cookie for the client cookie at `clientAt` of `client` into `out`. `now` is in milliseconds. */
export function writeServerCookie(
  out: Uint8Array,
  outAt: number,
  client: Uint8Array,
  clientAt: number,
  address: Uint8Array,
  secret: Uint8Array,
  now: number,
): void {
  const seconds = secondsOf(now)
  out[outAt] = VERSION
  out[outAt + 1] = 0
  out[outAt + 2] = 0
  out[outAt + 3] = 0
  out[outAt + 4] = seconds >>> 24
  out[outAt + 5] = seconds >>> 16
  out[outAt + 6] = seconds >>> 8
  out[outAt + 7] = seconds
  hashCookie(client, clientAt, out, outAt, address, secret, out, outAt + HASHED_AT)
}

/**
 * Judges a COOKIE option, client and server part together, `length` octets at `at`. The first secret is the one in
 * use; the others are on their way in or out (RFC 9018 §5).
 */
export function checkServerCookie(
  cookie: Uint8Array,
  address: Uint8Array,
  secrets: readonly Uint8Array[],
  now: number,
  at = 0,
  length = cookie.length,
): CookieVerdict {
  if (length === CLIENT_COOKIE_OCTETS) return 'client only'
  if (length < 16 || length > 40) return 'malformed'
  const server = at + CLIENT_COOKIE_OCTETS
  if (length !== CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS || cookie[server] !== VERSION) return 'foreign'
  for (let which = 0; which < secrets.length; which++) {
    hashCookie(cookie, at, cookie, server, address, secrets[which] as Uint8Array, expected, 0)
    if (!hashesTo(cookie, server + HASHED_AT)) continue
    const verdict = verdictOfAge((secondsOf(now) - secondsIn(cookie, server + 4)) | 0)
    return verdict === 'fresh' && which > 0 ? 'aging' : verdict
  }
  return 'foreign'
}

/** The difference of two times of 32 bits is signed, so that it survives 2038 and 2106 (RFC 9018 §4.3). */
function verdictOfAge(ageSeconds: number): CookieVerdict {
  if (ageSeconds > STALE_SECONDS) return 'stale'
  if (ageSeconds < -EARLY_SECONDS) return 'early'
  return ageSeconds > AGING_SECONDS ? 'aging' : 'fresh'
}

function hashCookie(
  client: Uint8Array,
  clientAt: number,
  server: Uint8Array,
  serverAt: number,
  address: Uint8Array,
  secret: Uint8Array,
  out: Uint8Array,
  outAt: number,
): void {
  assert(secret.length === COOKIE_SECRET_OCTETS, `a cookie secret has 16 octets, not ${secret.length}`)
  for (let at = 0; at < CLIENT_COOKIE_OCTETS; at++) input[at] = client[clientAt + at] as number
  for (let at = 0; at < HASHED_AT; at++) input[CLIENT_COOKIE_OCTETS + at] = server[serverAt + at] as number
  input.set(address, CLIENT_COOKIE_OCTETS + HASHED_AT)
  sipHash24(secret, input, CLIENT_COOKIE_OCTETS + HASHED_AT + address.length, out, outAt)
}

/** Compares without telling, by the time it takes, how much of a guess was right. */
function hashesTo(cookie: Uint8Array, at: number): boolean {
  let difference = 0
  for (let place = 0; place < 8; place++) difference |= (cookie[at + place] as number) ^ (expected[place] as number)
  return difference === 0
}

function secondsOf(now: number): number {
  return Math.floor(now / 1000) >>> 0
}

function secondsIn(octets: Uint8Array, at: number): number {
  const high = ((octets[at] as number) << 8) | (octets[at + 1] as number)
  const low = ((octets[at + 2] as number) << 8) | (octets[at + 3] as number)
  return high * 0x1_0000 + low
}
