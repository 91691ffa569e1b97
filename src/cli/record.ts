/** `twinzone record …`: the records of a zone that is edited here, and overrides in one that is not. */

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CliError, type Client } from './client.ts'
import { table } from './output.ts'
import type { Session } from './program.ts'
import type { RecordShown, ZoneShown } from './shapes.ts'

/** What may be said of a record beside its data. */
export interface RecordOptions {
  readonly ttl?: number
  readonly proxied?: boolean
  readonly comment?: string
  readonly tag?: readonly string[]
}

export interface ChangeOptions extends RecordOptions {
  readonly name?: string
  readonly content?: string
}

export interface ListOptions {
  readonly type?: string
  readonly name?: string
  readonly search?: string
}

const PER_PAGE = 1000

/** Types whose data begins with a priority in master files, where the API has it beside the content. */
const WITH_PRIORITY = new Set(['MX', 'SRV', 'URI'])

export async function listRecords({ client, terminal, json }: Session, zoneName: string, options: ListOptions) {
  const zone = await zoneNamed(client, zoneName)
  const query = new URLSearchParams({ per_page: String(PER_PAGE) })
  if (options.type !== undefined) query.set('type', options.type)
  if (options.name !== undefined) query.set('name', options.name)
  if (options.search !== undefined) query.set('search', options.search)
  const records = await listAll(client, zone, query)
  if (json) return terminal.write(`${JSON.stringify(records)}\n`)
  const rows = records.map((record) => [
    record.name,
    record.ttl === 1 ? 'auto' : String(record.ttl),
    record.type,
    record.priority === undefined ? record.content : `${record.priority} ${record.content}`,
    record.proxied ? 'proxied' : '',
    record.id,
  ])
  terminal.write(table(['name', 'ttl', 'type', 'content', '', 'id'], rows))
}

export async function addRecord(
  session: Session,
  zoneName: string,
  name: string,
  type: string,
  content: readonly string[],
  options: RecordOptions,
): Promise<void> {
  const { client } = session
  const zone = await zoneNamed(client, zoneName)
  const body = { name, type, ...dataOf(type, content.join(' ')), ...membersOf(options) }
  told(session, await client.post<RecordShown>(pathOf(zone), body), 'added')
}

export async function changeRecord(
  session: Session,
  zoneName: string,
  which: string,
  { name, content, ...options }: ChangeOptions,
): Promise<void> {
  const { client } = session
  const zone = await zoneNamed(client, zoneName)
  const record = await recordNamed(client, zone, which)
  const body = {
    ...(name !== undefined && { name }),
    ...(content !== undefined && dataOf(record.type, content)),
    ...membersOf(options),
  }
  told(session, await client.patch<RecordShown>(`${pathOf(zone)}/${record.id}`, body), 'changed')
}

export async function removeRecord(session: Session, zoneName: string, which: string): Promise<void> {
  const { client } = session
  const zone = await zoneNamed(client, zoneName)
  const record = await recordNamed(client, zone, which)
  await client.delete(`${pathOf(zone)}/${record.id}`)
  told(session, record, 'removed')
}

interface Imported {
  readonly recs_added: number
  readonly total_records_parsed: number
}

/** Adds what a master file has. What was left out is in the messages of the server: it may be what somebody misses. */
export async function importRecords(
  { client, terminal, json }: Session,
  zoneName: string,
  path: string,
  { proxied = false }: { readonly proxied?: boolean },
): Promise<void> {
  const zone = await zoneNamed(client, zoneName)
  const file = await readFileGiven(path)
  const query = proxied ? '?proxied=true' : ''
  const result = await client.postText<Imported>(`${pathOf(zone)}/import${query}`, file)
  const { recs_added: added, total_records_parsed: parsed } = result
  terminal.write(json ? `${JSON.stringify(result)}\n` : `${zone.name}: ${added} of ${parsed} records added\n`)
}

async function readFileGiven(path: string): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function told({ terminal, json }: Session, record: RecordShown, what: string): void {
  const { name, type, content, priority } = record
  const data = priority === undefined ? content : `${priority} ${content}`
  terminal.write(json ? `${JSON.stringify(record)}\n` : `${what}: ${name} ${type} ${data}\n`)
}

const zoneNamed = (client: Client, name: string) => client.get<ZoneShown>(`/api/v1/zones/${encodeURIComponent(name)}`)

const pathOf = ({ id }: ZoneShown): string => `/client/v4/zones/${id}/dns_records`

/** Content as in a master file, with the priority in front, or without it. */
function dataOf(type: string, given: string): { content: string; priority?: number } {
  const [, priority, content] = /^(\d+)\s+(\S.*)$/.exec(given) ?? []
  if (priority === undefined || content === undefined || !WITH_PRIORITY.has(type.toUpperCase()))
    return { content: given }
  // The rest of an SRV record has numbers in front as well.
  if (type.toUpperCase() === 'SRV' && given.trim().split(/\s+/).length < 4) return { content: given }
  return { content, priority: Number(priority) }
}

function membersOf({ ttl, proxied, comment, tag }: RecordOptions): object {
  return {
    ...(ttl !== undefined && { ttl }),
    ...(proxied !== undefined && { proxied }),
    ...(comment !== undefined && { comment }),
    ...(tag !== undefined && { tags: tag }),
  }
}

async function listAll(client: Client, zone: ZoneShown, query: URLSearchParams): Promise<RecordShown[]> {
  const records: RecordShown[] = []
  for (let page = 1, more = PER_PAGE; more === PER_PAGE; page++) {
    query.set('page', String(page))
    const some = await client.get<RecordShown[]>(`${pathOf(zone)}?${query}`)
    records.push(...some)
    more = some.length
  }
  return records
}

/** The one record with an id, or of a name, or of a name and a type as in `www/AAAA`. */
async function recordNamed(client: Client, zone: ZoneShown, which: string): Promise<RecordShown> {
  if (/^[0-9a-f]{32}$/.test(which)) return client.get<RecordShown>(`${pathOf(zone)}/${which}`)
  // A slash may be part of a name, as in zones for a part of a network (RFC 2317 §4).
  const [, name = which, type] = /^(.+)\/([a-z][a-z0-9-]*)$/i.exec(which) ?? []
  const query = new URLSearchParams({ per_page: String(PER_PAGE), name })
  if (type !== undefined) query.set('type', type)
  const [record, ...others] = await listAll(client, zone, query)
  if (record === undefined) throw new CliError(`${zone.name} has no record ${which}`)
  if (others.length === 0) return record
  const choices = [record, ...others].map((each) => `  ${each.id}  ${each.type} ${each.content}\n`).join('')
  throw new CliError(`${which} are ${others.length + 1} records; expected NAME/TYPE or one of these ids:\n${choices}`)
}
