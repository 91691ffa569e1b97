/**
 * Which records cannot stand beside those that are there (RFC 1034 §3.6.2, RFC 2181 §10.1, RFC 4035 §2.4, and what
 * Cloudflare's API refuses).
 */

import { compareRdata } from '../dns/layout.ts'
import type { EditedRecord } from './edited-record.ts'
import { TYPE } from './stored-record.ts'

export type RecordConflict =
  /** The same record is there. */
  | 'record-exists'
  /** An address or CNAME record is there, and a CNAME or NS record is to come. */
  | 'address-exists'
  /** A CNAME record is there, and an address or CNAME record is to come. */
  | 'cname-exists'
  /** The name is delegated. */
  | 'ns-exists'
  /** A DS record where nothing is delegated. */
  | 'ds-without-ns'
  | 'too-many-ns'
  | 'rrset-too-large'

const NS_MAX = 10
/** Octets of RDATA under one owner and type. */
const RRSET_OCTETS_MAX = 8192

/** What stands in the way of a record, given the others of its owner. */
export function conflictOf(
  record: EditedRecord,
  others: readonly EditedRecord[],
  { isApex }: { readonly isApex: boolean },
): RecordConflict | undefined {
  const { type, rdata } = record
  const alike = others.filter((other) => other.type === type)
  if (alike.some((other) => sameRdata(type, other.rdata, rdata))) return 'record-exists'
  const conflict = conflictOfTypes(type, new Set(others.map((other) => other.type)), isApex)
  if (conflict !== undefined) return conflict
  if (type === TYPE.NS && !isApex && alike.length >= NS_MAX) return 'too-many-ns'
  const octets = alike.reduce((sum, other) => sum + other.rdata.length, rdata.length)
  return alike.length > 0 && octets > RRSET_OCTETS_MAX ? 'rrset-too-large' : undefined
}

/** Whether an owner whose types were right may be left without a record of one type. */
export function conflictWithout(type: number, left: readonly EditedRecord[]): RecordConflict | undefined {
  if (type !== TYPE.NS || left.some((other) => other.type === TYPE.NS)) return undefined
  return left.some((other) => other.type === TYPE.DS) ? 'ds-without-ns' : undefined
}

function conflictOfTypes(type: number, there: ReadonlySet<number>, isApex: boolean): RecordConflict | undefined {
  const isAlias = type === TYPE.CNAME
  const isAddress = type === TYPE.A || type === TYPE.AAAA
  if ((isAlias || isAddress) && there.has(TYPE.CNAME)) return 'cname-exists'
  if (isAlias && (there.has(TYPE.A) || there.has(TYPE.AAAA))) return 'address-exists'
  if (isApex) return undefined
  if ((isAlias || isAddress) && there.has(TYPE.NS)) return 'ns-exists'
  if (type === TYPE.NS && (there.has(TYPE.A) || there.has(TYPE.AAAA) || there.has(TYPE.CNAME))) return 'address-exists'
  return type === TYPE.DS && !there.has(TYPE.NS) ? 'ds-without-ns' : undefined
}

function sameRdata(type: number, a: Uint8Array, b: Uint8Array): boolean {
  return compareRdata(type, a, 0, a.length, b, 0, b.length) === 0
}
