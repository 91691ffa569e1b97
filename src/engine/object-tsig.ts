/** What a TSIG key must look like. */

import { lowerName, NameError, parseName, printName } from '../dns/name.ts'
import { base64Octets, CodingError } from '../dns/octets.ts'
import { parseTsigAlgorithm } from '../dns/tsig.ts'
import type { Tsig } from '../store/objects.ts'
import { Secret } from '../store/secret.ts'
import { done, type Outcome, type Problem } from './problem.ts'

/** A key as somebody asks for it. */
export interface TsigDraft {
  readonly name: string
  /** Base64. */
  readonly secret: string
  /** The name of the algorithm, with or without the final dot. */
  readonly algo: string
}

export interface TsigPolicy {
  /** Whether hmac-md5 is allowed, for the sake of old primaries. */
  readonly md5: boolean
}

export type TsigFields = Pick<Tsig, 'name' | 'secret' | 'algo'>

/** Checks all three members, and warns of what is allowed but not wise (RFC 8945 §6). */
export function readTsig(draft: TsigDraft, policy: TsigPolicy): Outcome<TsigFields> {
  const name = readKeyName(draft.name)
  const algo = readAlgorithm(draft.algo, policy)
  const secret = draft.secret.replaceAll(/\s/g, '')
  const problems = [name, algo, secretProblem(secret)].filter((each): each is Problem => typeof each === 'object')
  if (problems.length > 0 || typeof name === 'object' || typeof algo === 'object') return { type: 'refused', problems }
  const weak = /md5|sha1/.test(algo) ? [`${algo} is not recommended (RFC 8945 §6); hmac-sha256. is`] : []
  return done({ name, secret: new Secret(secret), algo: `${algo}.` }, weak)
}

function readKeyName(text: string): string | Problem {
  try {
    const name = lowerName(parseName(text))
    if (name.length > 1) return printName(name)
    return { code: 'tsig-name-invalid', text: 'expected a domain name, found the root', pointer: '/name' }
  } catch (error) {
    if (!(error instanceof NameError)) throw error
    return { code: 'tsig-name-invalid', text: `expected a domain name: ${error.message}`, pointer: '/name' }
  }
}

function readAlgorithm(text: string, { md5 }: TsigPolicy): string | Problem {
  const algorithm = parseTsigAlgorithm(text, { md5Allowed: true })
  if (algorithm === undefined) {
    const problem = `expected an algorithm such as "hmac-sha256.", found "${text}"`
    return { code: 'tsig-algorithm-unknown', text: problem, pointer: '/algo' }
  }
  if (algorithm.startsWith('hmac-md5') && !md5) {
    const problem = 'hmac-md5 is switched off on this server; the setting is tsigMd5'
    return { code: 'tsig-algorithm-off', text: problem, pointer: '/algo' }
  }
  return algorithm
}

/** The message never repeats the secret. */
function secretProblem(secret: string): Problem | undefined {
  const problem = (text: string): Problem => ({ code: 'tsig-secret-invalid', text, pointer: '/secret' })
  try {
    return base64Octets(secret).length === 0 ? problem('expected a secret in base64, found nothing') : undefined
  } catch (error) {
    if (!(error instanceof CodingError)) throw error
    return problem('expected a secret in base64')
  }
}
