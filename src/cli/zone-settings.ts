/** `twinzone zone settings`: how a zone is answered for beside its records. */

import { UsageError } from './client.ts'
import type { Session } from './program.ts'
import type { ZoneShown } from './shapes.ts'

/** Of our own API: Cloudflare's has no word for it. */
const SERIAL = 'serial'

/** What the server has a value of its own for; all else just is as it was set last. */
const WITH_DEFAULT = new Set(['soa.mname', 'soa.rname', SERIAL])

/** Changes what is given as `member=value`, and shows all that is in force then. */
export async function zoneSettings(session: Session, name: string, given: readonly string[]): Promise<void> {
  const { client, terminal, json } = session
  const { id } = await client.get<ZoneShown>(`/api/v1/zones/${encodeURIComponent(name)}`)
  const dns = `/client/v4/zones/${id}/dns_settings`
  const own = `/api/v1/zones/${id}/settings`
  const known = async () => ({ ...flat(await client.get<object>(dns)), ...(await client.get<object>(own)) })
  const before = await known()
  const wishes = given.map((text) => readWish(text, Object.keys(before)))
  const serial = wishes.find(([member]) => member === SERIAL)
  const others = wishes.filter(([member]) => member !== SERIAL)
  // First how versions are counted, so that the next one is counted so.
  if (serial !== undefined) await client.patch(own, { serial: serial[1] })
  if (others.length > 0) await client.patch(dns, nested(others))
  const settings = given.length === 0 ? before : await known()
  if (json) return terminal.write(`${JSON.stringify(settings)}\n`)
  const width = Math.max(...Object.keys(settings).map(({ length }) => length)) + 2
  const line = ([member, value]: [string, unknown]) => `${member.padEnd(width)}${shown(value)}
`
  terminal.write(Object.entries(settings).map(line).join(''))
}

const shown = (value: unknown): string =>
  value === null ? 'default' : typeof value === 'string' ? value : JSON.stringify(value)

type Wish = readonly [member: string, value: unknown]

/** A value that reads as JSON is that, else a text; `default` leaves a member to the server. */
function readWish(text: string, known: readonly string[]): Wish {
  const at = text.indexOf('=')
  const member = text.slice(0, at)
  if (at < 0 || !known.includes(member))
    throw new UsageError(`expected MEMBER=VALUE with one of ${known.join(', ')}, found "${text}"`)
  const value = valueOf(text.slice(at + 1))
  // The API takes null for a member that is not there: it would change nothing, and say nothing.
  if (value === null && !WITH_DEFAULT.has(member))
    throw new UsageError(`expected a value: only ${[...WITH_DEFAULT].join(', ')} have a default, found "${text}"`)
  return [member, value]
}

function valueOf(text: string): unknown {
  if (text === 'default') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Members within members by the names of both, with a dot between them. */
function flat(settings: object, prefix = ''): Record<string, unknown> {
  const pairs = Object.entries(settings).flatMap(([key, value]: [string, unknown]): [string, unknown][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(flat(value, `${prefix}${key}.`))
      : [[`${prefix}${key}`, value]],
  )
  return Object.fromEntries(pairs)
}

function nested(wishes: readonly Wish[]): object {
  const whole: Record<string, unknown> = {}
  for (const [member, value] of wishes) {
    const [outer = '', inner] = member.split('.')
    whole[outer] = inner === undefined ? value : { ...(whole[outer] as object | undefined), [inner]: value }
  }
  return whole
}
