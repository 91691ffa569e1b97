/** The account that a command is about: the one that is named, or the only one there is. */

import { CliError, type Client } from './client.ts'
import type { AccountShown } from './shapes.ts'

/** Throws, with the names to choose from, if it is not clear which one is meant. */
export async function accountOf(client: Client, named?: string): Promise<AccountShown> {
  const accounts = await client.get<AccountShown[]>('/client/v4/accounts?per_page=1000')
  const meant = named === undefined ? accounts : accounts.filter(({ id, name }) => id === named || name === named)
  const [account, ...others] = meant
  if (account !== undefined && others.length === 0) return account
  if (accounts.length === 0) throw new CliError('the token belongs to no account')
  const choices = accounts.map(({ id, name }) => `  ${id}  ${name}\n`).join('')
  const seen = named === undefined ? 'found several' : `found "${named}"`
  throw new CliError(`expected --account with the name or the id of one of these, ${seen}:\n${choices}`)
}
