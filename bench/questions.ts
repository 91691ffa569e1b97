/** Questions as a nameserver gets them: most are for what is there, some for what is not, some for what lies elsewhere. */

import type { Line } from './realistic-zone.ts'

/** Of a hundred questions, how many are of which kind; the rest asks for types a name does not have. */
export const MIX = { hits: 80, missing: 10, referrals: 5 } as const

const ABSENT_TYPES = ['NAPTR', 'TLSA', 'SSHFP', 'LOC']

/** What questions can be drawn from: RRsets, names that have one, and cuts. */
export interface Askable {
  /** `owner type`, of what is answered with authority. */
  readonly sets: readonly string[]
  /** Owners without a CNAME record. */
  readonly owners: readonly string[]
  readonly cuts: readonly string[]
}

/** Goes through the records of a zone, those of an RRset one after the other. */
export function askableOf(lines: Iterable<Line>, apex: string): Askable {
  const sets: string[] = []
  const owners: string[] = []
  const cuts: string[] = []
  let [lastSet, lastOwner, lastCut] = ['', '', '?']
  for (const [owner, , type] of lines) {
    if (type === 'NS' && owner !== apex) {
      if (owner !== lastCut) cuts.push(owner)
      lastCut = owner
    }
    if (owner === lastCut || owner.endsWith(`.${lastCut}`)) continue
    const set = `${owner} ${type}`
    if (set !== lastSet) sets.push(set)
    lastSet = set
    if (owner !== lastOwner && type !== 'CNAME' && !owner.startsWith('*')) owners.push(owner)
    lastOwner = owner
  }
  return { sets, owners, cuts }
}

/** Draws questions, a line `name type` each, as dnsperf reads them. */
export function* questionsOf(
  { sets, owners, cuts }: Askable,
  { apex, count, roll }: { apex: string; count: number; roll: (limit: number) => number },
): Generator<string> {
  const pick = (choices: readonly string[]): string => choices[roll(choices.length)] as string
  for (let number = 0; number < count; number++) {
    const kind = roll(100)
    if (kind < MIX.hits) yield pick(sets).replace('*', `w${roll(65_536)}`)
    else if (kind < MIX.hits + MIX.missing) yield `nx${roll(2 ** 31).toString(36)}.dc${roll(40)}.${apex} A`
    else if (kind < MIX.hits + MIX.missing + MIX.referrals && cuts.length > 0) yield `www.${pick(cuts)} A`
    else yield `${pick(owners)} ${pick(ABSENT_TYPES)}`
  }
}
