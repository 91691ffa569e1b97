/**
 * What makes contents a zone that can be served.
 *
 * Errors keep a version from being published: the one before stays (RFC 1034 §4.2.1, RFC 1912 §2.4). Warnings are for
 * the operator: the records are the primary's, and are served and handed on as they came. That there is one SOA record,
 * at the apex, is seen to before. Records below a cut or a DNAME are hidden from questions, but no fault.
 */

import { printName, type Name } from '../dns/name.ts'
import type { Contents } from './contents.ts'
import { Cursor } from './cursor.ts'
import type { Difference } from './difference.ts'
import { SortKey } from './sort-key.ts'
import { ownerEnd, recordEnd, sameOwner, TO_RDLENGTH, TO_TTL, TYPE } from './stored-record.ts'

/** Each rule by its name. */
type RuleCode =
  | 'no NS at the apex'
  | 'CNAME at the apex'
  | 'CNAME and other data'
  | 'several CNAME records'
  | 'several DNAME records'
  | 'DNAME at a cut'
  | 'wildcard NS'
  | 'DS without NS'
  | 'TTLs differ'

/** A rule that is broken, and by which owner. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly code: RuleCode
  /** Labels relative to the apex. */
  readonly owner: Uint8Array
  readonly text: string
}

export interface RuleOptions {
  /** What changed since a version whose findings are known: only owners in it are looked at, and the apex. */
  readonly since?: Difference
  /** How grave it is that a name has a CNAME and other data (RFC 2181 §10.1): some primaries let it pass. */
  readonly cnameAndOtherData?: Finding['severity']
}

/** After so many findings the rest is not looked for. */
const FINDINGS_MAX = 100

/** Which rules contents break, errors first. */
export function checkContents(contents: Contents, options: RuleOptions = {}): Finding[] {
  const findings = checkApex(contents)
  const cursor = new Cursor(contents.arena)
  cursor.openNames(contents.version)
  const cnames = options.cnameAndOtherData ?? 'warning'
  if (options.since === undefined) {
    for (let more = cursor.first(); more && findings.length < FINDINGS_MAX; more = cursor.next())
      checkOwner(cursor, findings, cnames)
  } else {
    for (const key of changedOwners(options.since)) {
      if (findings.length < FINDINGS_MAX && cursor.seek(key)) checkOwner(cursor, findings, cnames)
    }
  }
  return findings.toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
}

function checkApex(contents: Contents): Finding[] {
  const findings: Finding[] = []
  const cursor = new Cursor(contents.arena)
  const apex = new SortKey()
  cursor.openNames(contents.version)
  const has = (type: number): boolean => cursor.seek(apex) && cursor.seekType(type)
  const found = (code: RuleCode, text: string): number =>
    findings.push({ severity: 'error', code, owner: new Uint8Array(), text })
  if (!has(TYPE.NS)) found('no NS at the apex', 'the apex has no NS record')
  if (has(TYPE.CNAME)) found('CNAME at the apex', 'the apex has a CNAME record')
  return findings
}

/** The owners in a difference, one after the other in one key. */
function* changedOwners({ removed, added }: Difference): Generator<SortKey> {
  const key = new SortKey()
  for (const run of [removed, added]) {
    for (let at = 0, before = -1; at < run.length; before = at, at = recordEnd(run, at)) {
      if (before >= 0 && sameOwner(run, before, run, at)) continue
      key.setOwner(run, at, ownerEnd(run, at))
      yield key
    }
  }
}

/** What the rules must know of an owner. One is used for all. */
class OwnerFacts {
  isApex = false
  isWildcard = false
  cnames = 0
  dnames = 0
  /** Records that may not be beside a CNAME (RFC 4035 §2.5, RFC 2535 §2.3.5). */
  others = 0
  hasNs = false
  hasDs = false
  ttlsDiffer = false

  /** Whether no rule can be broken. */
  get dull(): boolean {
    return this.cnames === 0 && this.dnames === 0 && !this.hasNs && !this.hasDs && !this.ttlsDiffer
  }

  /** Reads the records of the owner on whose first record a cursor stands, which goes to the last. Hot. */
  read(cursor: Cursor): void {
    this.isApex = cursor.at === cursor.ownerEnd
    this.isWildcard = cursor.octets[cursor.at] === 1 && cursor.octets[cursor.at + 1] === 0x2a
    this.cnames = this.dnames = this.others = 0
    this.hasNs = this.hasDs = this.ttlsDiffer = false
    let typeBefore = -1
    let octetsBefore = cursor.octets
    let fieldsBefore = 0
    do {
      const { type } = cursor
      this.#count(type)
      // The signatures at an owner are no RRset: each goes with the set it covers (RFC 4034 §3).
      if (type === typeBefore && type !== TYPE.RRSIG && !sameTtl(octetsBefore, fieldsBefore, cursor))
        this.ttlsDiffer = true
      typeBefore = type
      octetsBefore = cursor.octets
      fieldsBefore = cursor.ownerEnd
    } while (cursor.nextOfOwner())
  }

  #count(type: number): void {
    if (type === TYPE.CNAME) this.cnames++
    else if (type !== TYPE.RRSIG && type !== TYPE.NSEC && type !== TYPE.KEY) this.others++
    if (type === TYPE.DNAME) this.dnames++
    else if (type === TYPE.NS) this.hasNs = true
    else if (type === TYPE.DS) this.hasDs = true
  }
}

interface Rule {
  readonly code: RuleCode
  readonly says: string
  readonly isBroken: (owner: OwnerFacts) => boolean
}

const RULES: readonly Rule[] = [
  {
    code: 'CNAME and other data',
    says: 'has a CNAME and other records',
    isBroken: ({ cnames, others }) => cnames > 0 && others > 0,
  },
  { code: 'several CNAME records', says: 'has several CNAME records', isBroken: ({ cnames }) => cnames > 1 },
  { code: 'several DNAME records', says: 'has several DNAME records', isBroken: ({ dnames }) => dnames > 1 },
  {
    code: 'DNAME at a cut',
    says: 'has a DNAME and is delegated',
    isBroken: ({ dnames, hasNs, isApex }) => dnames > 0 && hasNs && !isApex,
  },
  {
    code: 'wildcard NS',
    says: 'is a wildcard with NS records',
    isBroken: ({ isWildcard, hasNs }) => isWildcard && hasNs,
  },
  {
    code: 'DS without NS',
    says: 'has a DS record and is no cut',
    isBroken: ({ hasDs, hasNs, isApex }) => hasDs && (isApex || !hasNs),
  },
  {
    code: 'TTLs differ',
    says: 'has records of one type with different TTLs',
    isBroken: ({ ttlsDiffer }) => ttlsDiffer,
  },
]

const facts = new OwnerFacts()

/** Looks at the owner on whose first record a cursor stands, which goes to the last. */
function checkOwner(cursor: Cursor, findings: Finding[], cnameAndOtherData: Finding['severity']): void {
  facts.read(cursor)
  if (facts.dull) return
  const owner = cursor.octets.slice(cursor.at, cursor.ownerEnd)
  for (const { code, says, isBroken } of RULES) {
    if (!isBroken(facts)) continue
    const severity = code === 'CNAME and other data' ? cnameAndOtherData : 'warning'
    findings.push({ severity, code, owner, text: `${printOwner(owner)} ${says}` })
  }
}

function sameTtl(octets: Uint8Array, fields: number, cursor: Cursor): boolean {
  for (let k = TO_TTL; k < TO_RDLENGTH; k++) if (octets[fields + k] !== cursor.octets[cursor.ownerEnd + k]) return false
  return true
}

/** An owner as in a zone file whose origin is the apex. */
function printOwner(owner: Uint8Array): string {
  return owner.length === 0 ? '@' : printName(Uint8Array.of(...owner, 0) as Uint8Array as Name).slice(0, -1)
}
