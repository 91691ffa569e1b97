/** The small numbers of the protocol and their names (IANA "Domain Name System (DNS) Parameters"). */

/** What kind of message it is (RFC 6895 §2.2). */
export const OPCODE = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const

/** How a request was answered. From 16 on a code needs EDNS, or stands in the error field of a TSIG (RFC 6895 §2.3). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const

/** The error field of a TSIG (RFC 8945 §3). 16 is BADVERS in a header and BADSIG here. */
export const TSIG_ERROR = { NOERROR: 0, FORMERR: 1, BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const

/** Record classes; NONE and ANY are for questions and updates only (RFC 6895 §3.2). */
export const CLASS = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const

/** Types that the message floor itself must know: those that never stand in a zone. */
export const META_TYPE = {
  OPT: 41,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
} as const

/** Why a server answered as it did, beside the RCODE (RFC 8914 §4). */
export const EDE = {
  OTHER: 0,
  NOT_READY: 14,
  BLOCKED: 15,
  PROHIBITED: 18,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
  TOO_EARLY: 26,
  INVALID_QUERY_TYPE: 30,
} as const

const RCODE_NAMES = namesByCode(RCODE)
const OPCODE_NAMES = namesByCode(OPCODE)
const TSIG_ERROR_NAMES = namesByCode(TSIG_ERROR)

/** `REFUSED` for 5, `RCODE24` for what has no name. */
export function rcodeName(code: number): string {
  return RCODE_NAMES.get(code) ?? `RCODE${code}`
}

/** `NOTIFY` for 4, `OPCODE9` for what has no name. */
export function opcodeName(code: number): string {
  return OPCODE_NAMES.get(code) ?? `OPCODE${code}`
}

/** `BADTIME` for 18, and the RCODE's name for what is not TSIG's own. */
export function tsigErrorName(code: number): string {
  return TSIG_ERROR_NAMES.get(code) ?? rcodeName(code)
}

function namesByCode(codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, name]))
}
