/** `twinzone token …`: API tokens of an account, and with `--user` those of the user. */

import { accountOf } from './account.ts'
import { CliError, UsageError, type Client } from './client.ts'
import { age, table } from './output.ts'
import type { Session } from './program.ts'
import type { GroupShown, TokenShown } from './shapes.ts'
import { aboutOf, policiesOf, policyWords } from './token-policy.ts'

/** Whose tokens. */
export interface OwnerOptions {
  readonly user?: boolean
  readonly account?: string
}

export interface CreateOptions extends OwnerOptions {
  readonly allow?: readonly string[]
  readonly zone?: readonly string[]
  readonly except?: readonly string[]
  readonly from?: readonly string[]
  readonly notFrom?: readonly string[]
  readonly expires?: string
  readonly notBefore?: string
}

const PER_PAGE = 1000

export async function createToken(session: Session, name: string, options: CreateOptions): Promise<void> {
  const { client, terminal, json } = session
  const { allow = [], zone = [], except = [], from, notFrom, expires, notBefore } = options
  if (allow.length === 0) throw new UsageError('expected --allow with a permission group, for example "DNS Write"')
  if (zone.length > 0 && except.length > 0) throw new UsageError('expected --zone or --except, found both')
  const owner = await ownerOf(client, options)
  const policies = await policiesOf(client, { allow, zones: zone, except, accountId: owner.accountId })
  const addresses = { ...(from && { in: from }), ...(notFrom && { not_in: notFrom }) }
  const token = await client.post<TokenShown>(owner.path, {
    name,
    policies,
    ...((from ?? notFrom) && { condition: { request_ip: addresses } }),
    ...(expires !== undefined && { expires_on: expires }),
    ...(notBefore !== undefined && { not_before: notBefore }),
  })
  if (json) return terminal.write(`${JSON.stringify(token)}\n`)
  terminal.write(`${token.name} (${token.id})\nits value, told this once: ${token.value}\n`)
}

export async function listTokens(session: Session, options: OwnerOptions): Promise<void> {
  const { client, terminal, json } = session
  const tokens = await tokensOf(client, await ownerOf(client, options))
  if (json) return terminal.write(`${JSON.stringify(tokens)}\n`)
  const now = Date.now()
  const rows = tokens.map((token) => [
    token.name,
    token.status,
    [...new Set(token.policies.flatMap(({ permission_groups: groups }) => groups.map((group) => group.name)))].join(
      ', ',
    ),
    token.expires_on ?? 'never',
    age(token.last_used_on, now),
    token.id,
  ])
  terminal.write(table(['name', 'status', 'about', 'expires', 'used', 'id'], rows))
}

export async function showToken(session: Session, which: string, options: OwnerOptions): Promise<void> {
  const { client, terminal, json } = session
  const token = await tokenNamed(client, await ownerOf(client, options), which)
  if (json) return terminal.write(`${JSON.stringify(token)}\n`)
  const { in: from, not_in: notFrom } = token.condition?.request_ip ?? {}
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['token', `${token.name} (${token.id})`],
    ['status', token.status],
    ['issued', token.issued_on],
    ['used', age(token.last_used_on, Date.now())],
    ['not before', token.not_before],
    ['expires', token.expires_on ?? 'never'],
    ['from', from?.join(', ')],
    ['not from', notFrom?.join(', ')],
  ]
  const lines = facts.flatMap(([what, value]) => (value === undefined ? [] : [`${what.padEnd(12)}${value}\n`]))
  for (const policy of token.policies) lines.push(`${'policy'.padEnd(12)}${await policyWords(client, policy)}\n`)
  terminal.write(lines.join(''))
}

export async function rollToken(session: Session, which: string, options: OwnerOptions): Promise<void> {
  const { client, terminal, json } = session
  const owner = await ownerOf(client, options)
  const { id, name } = await tokenNamed(client, owner, which)
  const value = await client.put<string>(`${owner.path}/${id}/value`)
  const told = `${name} (${id})\nits new value, told this once: ${value}\nthe one before counts no more\n`
  terminal.write(json ? `${JSON.stringify({ id, name, value })}\n` : told)
}

export async function revokeToken(session: Session, which: string, options: OwnerOptions): Promise<void> {
  const { client, terminal, json } = session
  const owner = await ownerOf(client, options)
  const { id, name } = await tokenNamed(client, owner, which)
  await client.delete(`${owner.path}/${id}`)
  terminal.write(json ? `${JSON.stringify({ id })}\n` : `${name} (${id}) counts no more\n`)
}

/** Says whether the token in use works. One that does not is an error of the request. */
export async function verifyToken({ client, terminal, json }: Session): Promise<void> {
  const token = await client.get<TokenShown>('/client/v4/user/tokens/verify')
  const until = token.expires_on === undefined ? '' : `, and expires on ${token.expires_on}`
  terminal.write(json ? `${JSON.stringify(token)}\n` : `the token ${token.id} is ${token.status}${until}\n`)
}

export async function listGroups({ client, terminal, json }: Session): Promise<void> {
  const groups = await client.get<GroupShown[]>('/client/v4/user/tokens/permission_groups')
  if (json) return terminal.write(`${JSON.stringify(groups)}\n`)
  const rows = groups.map((group) => [group.name, aboutOf(group), group.id])
  terminal.write(table(['group', 'about', 'id'], rows))
}

interface Owner {
  /** Where its tokens are. */
  readonly path: string
  /** Undefined for all accounts of the user. */
  readonly accountId: string | undefined
}

async function ownerOf(client: Client, { user = false, account: named }: OwnerOptions): Promise<Owner> {
  const account = user && named === undefined ? undefined : await accountOf(client, named)
  const path = user ? '/client/v4/user/tokens' : `/client/v4/accounts/${account?.id}/tokens`
  return { path, accountId: account?.id }
}

async function tokensOf(client: Client, { path }: Owner): Promise<TokenShown[]> {
  return client.get<TokenShown[]>(`${path}?per_page=${PER_PAGE}&include_expired=true`)
}

/** The one token with an id, or of a name. */
async function tokenNamed(client: Client, owner: Owner, which: string): Promise<TokenShown> {
  const found = (await tokensOf(client, owner)).filter(({ id, name }) => id === which || name === which)
  const [token, ...others] = found
  if (token === undefined) throw new CliError(`there is no token "${which}"; "twinzone token list" lists them`)
  if (others.length === 0) return token
  const choices = found.map(({ id, issued_on: issued }) => `  ${id}  issued ${issued}\n`).join('')
  throw new CliError(`"${which}" are ${found.length} tokens; expected one of these ids:\n${choices}`)
}
