/**
 * The OPT record of an answer: ours if and only if the request has one (RFC 6891 §7), with a cookie for those who sent
 * theirs (RFC 7873, RFC 9018) and the reason for a refusal (RFC 8914). Options that we do not know are not repeated.
 *
 *   OPT  root 1 | type 2 | our UDP size 2 | upper RCODE 1 | version 1 | flags 2 | length 2 | options
 *
 * Hot: allocates nothing.
 */

import { META_TYPE } from '../dns/code.ts'
import {
  checkServerCookie,
  CLIENT_COOKIE_OCTETS,
  type CookieVerdict,
  SERVER_COOKIE_OCTETS,
  writeServerCookie,
} from '../dns/cookie.ts'
import { OPTION } from '../dns/edns.ts'
import { type Reply, SECTION } from './answer-reply.ts'
import type { RequestView } from './answer-request.ts'

const OPT_OCTETS = 11
const OPTION_OCTETS = 4
const EXPIRE_OCTETS = 4
const COOKIE_OPTION_OCTETS = OPTION_OCTETS + CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS
const DO = 0x80

/** Who asks, as far as cookies care. `now` is in milliseconds. */
export interface CookieClient {
  readonly address: Uint8Array
  readonly now: number
}

/** What the cookie of a request is worth; 'malformed' is FORMERR (RFC 7873 §5.2.2). */
export function judgeCookie(
  request: Uint8Array,
  view: RequestView,
  client: CookieClient,
  secrets: readonly Uint8Array[],
): CookieVerdict {
  return checkServerCookie(request, client.address, secrets, client.now, view.cookieAt, view.cookieOctets)
}

/** How many octets the OPT record of the answer takes at most, with a cookie or without. */
export function optOctets(view: RequestView, cookie: boolean): number {
  if (!view.edns) return 0
  const octets = view.expire ? OPT_OCTETS + OPTION_OCTETS + EXPIRE_OCTETS : OPT_OCTETS
  return cookie ? octets + COOKIE_OPTION_OCTETS : octets
}

/** Begins the OPT record, for which room was left; `closeOpt` ends it. Returns where its options begin. */
export function openOpt(reply: Reply, view: RequestView, udpSizeMax: number): number {
  const { out, at } = reply
  out[at] = 0
  out[at + 1] = 0
  out[at + 2] = META_TYPE.OPT
  out[at + 3] = udpSizeMax >> 8
  out[at + 4] = udpSizeMax
  out[at + 5] = reply.rcode >> 4
  out[at + 6] = 0
  out[at + 7] = view.dnssec ? DO : 0
  out[at + 8] = 0
  reply.at = at + OPT_OCTETS
  reply.counts[SECTION.additional] = (reply.counts[SECTION.additional] as number) + 1
  return reply.at
}

/** Fills in how many octets of options there are. */
export function closeOpt(reply: Reply, optionsAt: number): void {
  const octets = reply.at - optionsAt
  reply.out[optionsAt - 2] = octets >> 8
  reply.out[optionsAt - 1] = octets
}

/** Adds the COOKIE option: the client's cookie and ours, the one it sent while that is still `fresh`. */
export function addCookie(
  reply: Reply,
  request: Uint8Array,
  view: RequestView,
  client: CookieClient,
  secret: Uint8Array,
  fresh: boolean,
): void {
  const { out } = reply
  const at = putOption(reply, OPTION.COOKIE, CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS)
  const repeated = fresh ? CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS : CLIENT_COOKIE_OCTETS
  for (let i = 0; i < repeated; i++) out[at + i] = request[view.cookieAt + i] as number
  if (fresh) return
  writeServerCookie(out, at + CLIENT_COOKIE_OCTETS, request, view.cookieAt, client.address, secret, client.now)
}

/** Adds the EDE option, without text. */
export function addExtendedError(reply: Reply): void {
  const at = putOption(reply, OPTION.EDE, 2)
  reply.out[at] = reply.ede >> 8
  reply.out[at + 1] = reply.ede
}

/** Adds the EXPIRE option: how long our copy of the zone is still good (RFC 7314 §3.2). */
export function addExpire(reply: Reply, seconds: number): void {
  const { out } = reply
  const at = putOption(reply, OPTION.EXPIRE, EXPIRE_OCTETS)
  out[at] = seconds >>> 24
  out[at + 1] = seconds >>> 16
  out[at + 2] = seconds >>> 8
  out[at + 3] = seconds
}

function putOption(reply: Reply, code: number, octets: number): number {
  const { out, at } = reply
  out[at] = code >> 8
  out[at + 1] = code
  out[at + 2] = octets >> 8
  out[at + 3] = octets
  reply.at = at + OPTION_OCTETS + octets
  return at + OPTION_OCTETS
}
