/** What a token must look like, and whether one may be used just now. */

import { isInNetwork, parseAddress, parseNetwork } from '../protocol/access.ts'
import type { Token, TokenCondition, TokenPolicy } from '../store/objects.ts'
import { type Instant, readInstantText } from './object-id.ts'
import { groupWithId } from './permission-groups.ts'
import { done, type Outcome, type Problem } from './problem.ts'
import { concerns, parseResource, resourcesOf, within } from './token-resources.ts'

export type PolicyDraft = Omit<TokenPolicy, 'id'> & { readonly id?: string | undefined }

/** A token as somebody asks for it. */
export interface TokenDraft {
  readonly name: string
  readonly policies: readonly PolicyDraft[]
  readonly condition?: TokenCondition | undefined
  readonly notBefore?: string | undefined
  readonly expiresOn?: string | undefined
  readonly status?: 'active' | 'disabled' | undefined
}

export type TokenFields = Pick<Token, 'name' | 'condition' | 'notBefore' | 'expiresOn'> & {
  readonly policies: readonly PolicyDraft[]
}

const NAME_LENGTH_MAX = 120
const POLICIES_MAX = 300
const NETWORKS_MAX = 300

/** Checks what can be checked without knowing other objects. */
export function readToken(draft: TokenDraft): Outcome<TokenFields> {
  const { name, policies, condition } = draft
  const problems: Problem[] = []
  if (name.trim() === '' || name.length > NAME_LENGTH_MAX) {
    const text = `expected a name of 1 to ${NAME_LENGTH_MAX} characters, found ${name.length}`
    problems.push({ code: 'token-name-invalid', text, pointer: '/name' })
  }
  if (policies.length === 0 || policies.length > POLICIES_MAX) {
    const text = `expected 1 to ${POLICIES_MAX} policies, found ${policies.length}`
    problems.push({ code: 'token-policy-invalid', text, pointer: '/policies' })
  }
  for (const [at, policy] of policies.entries()) problems.push(...policyProblems(policy, `/policies/${at}`))
  problems.push(...conditionProblems(condition))
  const times = readTimes(draft, problems)
  if (problems.length > 0) return { type: 'refused', problems }
  return done({ name, policies, ...(condition === undefined ? {} : { condition }), ...times })
}

function* policyProblems(policy: PolicyDraft, pointer: string): Generator<Problem> {
  const problem = (place: string, text: string): Problem => ({
    code: 'token-policy-invalid',
    text,
    pointer: `${pointer}${place}`,
  })
  const resources = Object.entries(policy.resources)
  if (resources.length === 0) yield problem('/resources', 'expected a resource, found none')
  for (const [name, value] of resources) yield* resourceProblems(name, value, problem)
  if (policy.permissionGroups.length === 0) yield problem('/permission_groups', 'expected a permission group')
  const parsed = resourcesOf(policy)
  for (const [at, { id }] of policy.permissionGroups.entries()) {
    const place = `/permission_groups/${at}/id`
    const group = groupWithId(id)
    if (group === undefined) yield problem(place, `there is no permission group "${id}"`)
    else if (parsed.length > 0 && !parsed.some((resource) => concerns(resource, group.scope)))
      yield problem(place, `"${group.name}" is about a ${group.scope}, and none of the resources is one`)
  }
}

function* resourceProblems(
  name: string,
  value: string | Readonly<Record<string, string>>,
  problem: (place: string, text: string) => Problem,
): Generator<Problem> {
  const place = `/resources/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  const resource = parseResource(name)
  if (resource === undefined) {
    yield problem(place, `expected com.cloudflare.api.account.zone.ID, …account.ID or …user.ID, found "${name}"`)
  } else if (typeof value === 'string') {
    if (value !== '*') yield problem(place, `expected "*" or an object, found "${value}"`)
  } else {
    for (const [inner, all] of Object.entries(value)) {
      const zones = parseResource(inner)
      if (zones === undefined || within(resource, zones) === undefined)
        yield problem(place, `expected zones within an account, found "${inner}" within "${name}"`)
      else if (all !== '*') yield problem(place, `expected "*", found "${all}"`)
    }
  }
}

function* conditionProblems({ addressesIn = [], addressesNotIn = [] }: TokenCondition = {}): Generator<Problem> {
  for (const [member, texts] of [
    ['in', addressesIn],
    ['not_in', addressesNotIn],
  ] as const) {
    const pointer = `/condition/request_ip/${member}`
    if (texts.length > NETWORKS_MAX) {
      yield { code: 'token-condition-invalid', text: `expected ${NETWORKS_MAX} networks at most`, pointer }
    }
    for (const [at, text] of texts.entries()) {
      if (parseNetwork(text) !== undefined) continue
      const said = `expected a network as 192.0.2.0/24 or 2001:db8::/32, found "${text}"`
      yield { code: 'token-condition-invalid', text: said, pointer: `${pointer}/${at}` }
    }
  }
}

function readTimes({ notBefore, expiresOn }: TokenDraft, problems: Problem[]): Pick<Token, 'notBefore' | 'expiresOn'> {
  const [from, until] = [
    readTime(notBefore, '/not_before', problems),
    readTime(expiresOn, '/expires_on', problems),
  ] as const
  if (from !== undefined && until !== undefined && until <= from) {
    const text = `expires_on must come after not_before, found ${timeText(until)}`
    problems.push({ code: 'token-time-invalid', text, pointer: '/expires_on' })
  }
  return {
    ...(from === undefined ? {} : { notBefore: timeText(from) }),
    ...(until === undefined ? {} : { expiresOn: timeText(until) }),
  }
}

function readTime(text: string | undefined, pointer: string, problems: Problem[]): Instant | undefined {
  if (text === undefined) return undefined
  const instant = readInstantText(text)
  if (instant !== undefined) return instant
  const said = `expected a time as 2030-01-31T12:00:00Z, found "${text}"`
  problems.push({ code: 'token-time-invalid', text: said, pointer })
  return undefined
}

/** In seconds, as Cloudflare writes times of tokens, unless there is more to say. */
function timeText(instant: Instant): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}

/** How a token stands at a moment. */
export function statusOf({ status = 'active', expiresOn }: Token, now: Instant): 'active' | 'disabled' | 'expired' {
  return expiresOn !== undefined && Date.parse(expiresOn) <= now ? 'expired' : status
}

/** Why a token may not be used now, from this address; undefined if it may. */
export function whyNotUsable(token: Token, { now, address }: { now: Instant; address: string }): string | undefined {
  const status = statusOf(token, now)
  if (status === 'expired') return `the token has expired on ${token.expiresOn}`
  if (status === 'disabled') return 'the token is disabled'
  const { notBefore, condition } = token
  if (notBefore !== undefined && now < Date.parse(notBefore)) return `the token is not valid before ${notBefore}`
  if (condition === undefined || isAllowed(condition, address)) return undefined
  return `the token may not be used from the address ${address}`
}

function isAllowed({ addressesIn = [], addressesNotIn = [] }: TokenCondition, text: string): boolean {
  const address = parseAddress(text)
  if (address === undefined) return false
  const isIn = (networks: readonly string[]): boolean =>
    networks.some((each) => {
      const network = parseNetwork(each)
      return network !== undefined && isInNetwork(address, network)
    })
  return !isIn(addressesNotIn) && (addressesIn.length === 0 || isIn(addressesIn))
}
