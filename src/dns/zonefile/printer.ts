/**
 * Writes records as a master file reads them (RFC 1035 §5): one line each, whole and without any memory of the line
 * before. Everything odd is escaped, so that what came from a stranger's transfer can be read again (CVE-2026-42000).
 */

import { CLASS } from '../code.ts'
import type { DnsRecord } from '../message.ts'
import { type Name, isWithin, printName } from '../name.ts'
import { recordTypeOf, typeMnemonic } from '../record-types.ts'

/** How records are written. */
export interface PrintOptions {
  /** Owners within are written relative to it; without it all names are absolute. */
  readonly origin?: Name
}

/** The line of a record, without its newline. */
export function printRecord({ owner, type, class: code, ttl, rdata }: DnsRecord, options: PrintOptions = {}): string {
  const text = recordTypeOf(type).printRdata(rdata)
  return `${printOwner(owner, options.origin)}\t${ttl}\t${printClass(code)}\t${typeMnemonic(type)}\t${text}`
}

/** A whole master file, line by line, newlines included; owners are relative to the origin that its first line sets. */
export function* printZone(
  records: Iterable<DnsRecord>,
  options: { readonly origin: Name },
): Generator<string, undefined> {
  yield `$ORIGIN ${printName(options.origin)}\n`
  for (const record of records) yield `${printRecord(record, options)}\n`
  return undefined
}

function printOwner(owner: Name, origin: Name | undefined): string {
  if (origin === undefined || origin.length === 1 || !isWithin(owner, origin)) return printName(owner)
  if (owner.length === origin.length) return '@'
  const labels = owner.slice(0, owner.length - origin.length + 1)
  labels[labels.length - 1] = 0
  return printName(labels as Name).slice(0, -1)
}

function printClass(code: number): string {
  return code === CLASS.IN ? 'IN' : `CLASS${code}`
}
