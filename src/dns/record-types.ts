/**
 * The registry: the only list of record types (IANA "Resource Record (RR) TYPEs").
 *
 * A new type is a file in `records/` and a line here.
 */

import { type RecordType, metaType, unknownType } from './record-type.ts'
import { A } from './records/a.ts'
import { A6 } from './records/a6.ts'
import { AAAA } from './records/aaaa.ts'
import { AFSDB } from './records/afsdb.ts'
import { AMTRELAY } from './records/amtrelay.ts'
import { APL } from './records/apl.ts'
import { AVC } from './records/avc.ts'
import { BRID } from './records/brid.ts'
import { CAA } from './records/caa.ts'
import { CDNSKEY } from './records/cdnskey.ts'
import { CDS } from './records/cds.ts'
import { CERT } from './records/cert.ts'
import { CLA } from './records/cla.ts'
import { CNAME } from './records/cname.ts'
import { CSYNC } from './records/csync.ts'
import { DHCID } from './records/dhcid.ts'
import { DLV } from './records/dlv.ts'
import { DNAME } from './records/dname.ts'
import { DNSKEY } from './records/dnskey.ts'
import { DS } from './records/ds.ts'
import { DSYNC } from './records/dsync.ts'
import { EUI48 } from './records/eui48.ts'
import { EUI64 } from './records/eui64.ts'
import { GPOS } from './records/gpos.ts'
import { HHIT } from './records/hhit.ts'
import { HINFO } from './records/hinfo.ts'
import { HIP } from './records/hip.ts'
import { HTTPS } from './records/https.ts'
import { IPSECKEY } from './records/ipseckey.ts'
import { ISDN } from './records/isdn.ts'
import { KEY } from './records/key.ts'
import { KX } from './records/kx.ts'
import { L32 } from './records/l32.ts'
import { L64 } from './records/l64.ts'
import { LOC } from './records/loc.ts'
import { LP } from './records/lp.ts'
import { MB } from './records/mb.ts'
import { MD } from './records/md.ts'
import { MF } from './records/mf.ts'
import { MG } from './records/mg.ts'
import { MINFO } from './records/minfo.ts'
import { MR } from './records/mr.ts'
import { MX } from './records/mx.ts'
import { NAPTR } from './records/naptr.ts'
import { NID } from './records/nid.ts'
import { NINFO } from './records/ninfo.ts'
import { NS } from './records/ns.ts'
import { NSAP } from './records/nsap.ts'
import { NSAP_PTR } from './records/nsap-ptr.ts'
import { NSEC } from './records/nsec.ts'
import { NSEC3 } from './records/nsec3.ts'
import { NSEC3PARAM } from './records/nsec3param.ts'
import { NULL } from './records/null.ts'
import { NXT } from './records/nxt.ts'
import { OPENPGPKEY } from './records/openpgpkey.ts'
import { PTR } from './records/ptr.ts'
import { PX } from './records/px.ts'
import { RESINFO } from './records/resinfo.ts'
import { RKEY } from './records/rkey.ts'
import { RP } from './records/rp.ts'
import { RRSIG } from './records/rrsig.ts'
import { RT } from './records/rt.ts'
import { SIG } from './records/sig.ts'
import { SMIMEA } from './records/smimea.ts'
import { SOA } from './records/soa.ts'
import { SPF } from './records/spf.ts'
import { SRV } from './records/srv.ts'
import { SSHFP } from './records/sshfp.ts'
import { SVCB } from './records/svcb.ts'
import { TA } from './records/ta.ts'
import { TALINK } from './records/talink.ts'
import { TLSA } from './records/tlsa.ts'
import { TXT } from './records/txt.ts'
import { URI } from './records/uri.ts'
import { WALLET } from './records/wallet.ts'
import { WKS } from './records/wks.ts'
import { X25 } from './records/x25.ts'
import { ZONEMD } from './records/zonemd.ts'
import { codeOf, mnemonicOf } from './type-mnemonics.ts'

/** Every type of data that has a definition. */
export const RECORD_TYPES: readonly RecordType[] = [
  A,
  NS,
  MD,
  MF,
  CNAME,
  SOA,
  MB,
  MG,
  MR,
  NULL,
  WKS,
  PTR,
  HINFO,
  MINFO,
  MX,
  TXT,
  RP,
  AFSDB,
  X25,
  ISDN,
  RT,
  NSAP,
  NSAP_PTR,
  SIG,
  KEY,
  PX,
  GPOS,
  AAAA,
  LOC,
  NXT,
  SRV,
  NAPTR,
  KX,
  CERT,
  A6,
  DNAME,
  APL,
  DS,
  SSHFP,
  IPSECKEY,
  RRSIG,
  NSEC,
  DNSKEY,
  DHCID,
  NSEC3,
  NSEC3PARAM,
  TLSA,
  SMIMEA,
  HIP,
  NINFO,
  RKEY,
  TALINK,
  CDS,
  CDNSKEY,
  OPENPGPKEY,
  CSYNC,
  ZONEMD,
  SVCB,
  HTTPS,
  DSYNC,
  HHIT,
  BRID,
  SPF,
  NID,
  L32,
  L64,
  LP,
  EUI48,
  EUI64,
  URI,
  CAA,
  AVC,
  AMTRELAY,
  RESINFO,
  WALLET,
  CLA,
  TA,
  DLV,
]

/** Types of questions and messages, which are never data (RFC 6895 §3.1). */
const META_TYPES: readonly RecordType[] = [
  metaType(41, 'OPT', 6891),
  metaType(128, 'NXNAME', 9824),
  metaType(249, 'TKEY', 2930),
  metaType(250, 'TSIG', 8945),
  metaType(251, 'IXFR', 1995),
  metaType(252, 'AXFR', 5936),
  metaType(253, 'MAILB', 1035),
  metaType(254, 'MAILA', 1035),
  metaType(255, 'ANY', 8482),
]

const types = new Map([...RECORD_TYPES, ...META_TYPES].map((type) => [type.code, type]))

/** The type with a code; what has no definition is opaque (RFC 3597). */
export function recordTypeOf(code: number): RecordType {
  return types.get(code) ?? unknownType(code, { meta: isMetaType(code) })
}

/** Whether a code is for questions and messages only, and never for data in a zone: 0, OPT, and 128 to 255. */
export function isMetaType(code: number): boolean {
  return code === 0 || code === 41 || (code >= 128 && code <= 255)
}

/** The code for `MX`, `mx` or `TYPE15`; undefined if the text names no type. */
export function typeCode(text: string): number | undefined {
  return codeOf(text)
}

/** `MX` for 15, `TYPE65280` for what has no name (RFC 3597 §5). */
export function typeMnemonic(code: number): string {
  return mnemonicOf(code)
}
