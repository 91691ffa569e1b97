/**
 * Listing the records of a large zone over HTTP: how long each kind of question takes, the first time and again, and how
 * long the event loop was kept from everybody else meanwhile. Client and server share a process, so the figures include
 * the client's reading.
 */

import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { createApi } from '../src/api/server.ts'
import type { DnsRecord } from '../src/dns/message.ts'
import { parseName, type Name } from '../src/dns/name.ts'
import { latin1Text } from '../src/dns/octets.ts'
import { parseZoneFile } from '../src/dns/zonefile/parser.ts'
import { noLog } from '../src/engine/log.ts'
import { openRegistry } from '../src/engine/registry.ts'
import type { RecordReader, ZoneRuntime } from '../src/engine/runtime.ts'
import { VERSION } from '../src/engine/version.ts'
import { EditedRecords, ZoneRecords } from '../src/engine/zone-records.ts'
import { MemoryStore } from '../src/store/memory.ts'
import { Arena } from '../src/zone/arena.ts'
import { DirectoryReader } from '../src/zone/directory-reader.ts'
import { DirectoryWriter } from '../src/zone/directory.ts'
import { Edit } from '../src/zone/edit.ts'
import { storeEdited } from '../src/zone/edited-record.ts'
import { storeRecord } from '../src/zone/stored-form.ts'
import { writeReport, type Subject } from './report.ts'

const TOKEN = 'the-token-of-the-benchmark'
const NAME = 'bench.test'
const HOSTS_PER_RECORDS = 3

const QUESTIONS: Readonly<Record<string, string>> = {
  'first page': '',
  'page in the middle': 'page=MIDDLE',
  'last page': 'page=LAST',
  backwards: 'direction=desc',
  'one name': 'name=host77.bench.test',
  'one type': 'type=AAAA',
  'part of a name': 'name.contains=t77',
  'a content': 'content=192.0.2.77',
  'part of a content': 'content.contains=r 77',
  'by type': 'order=type',
  'by content': 'order=content',
  'everything on one page': 'per_page=5000000',
}

/** Of a zone that was transferred in, or of one that is edited here. */
type Kind = 'transferred' | 'edited'

const QUESTIONS_OF_EDITED = { ...QUESTIONS, 'a comment': 'comment.contains=t77', 'a tag': 'tag.exact=number:77' }

/** Measures all questions in each run; subjects of the report are the questions. */
export async function benchRecordList({
  records,
  runs,
  kind,
}: {
  readonly records: number
  readonly runs: number
  readonly kind: Kind
}): Promise<string> {
  const measured = new Map<string, Record<string, number>[]>()
  for (let run = 0; run < runs; run++) {
    for (const [question, figures] of await oneRun(records, kind)) {
      measured.set(question, [...(measured.get(question) ?? []), figures])
    }
  }
  const subjects = [...measured].map(([name, all]): Subject => ({ name, version: VERSION, runs: all }))
  return writeReport({
    name: kind === 'edited' ? 'record-list-edited' : 'record-list',
    title: `Listing the ${kind} records of a zone of ${records.toLocaleString('en-US')}`,
    method: [
      'Each question is asked twice over HTTP on loopback, by a client in the same process, of a fresh server each run.',
      'The delay is the longest time in which the event loop answered nobody, over both times.',
    ],
    settings: { records, runs },
    figures: [
      { key: 'firstMs', title: 'first time (ms)', digits: 1 },
      { key: 'againMs', title: 'again (ms)', digits: 1 },
      { key: 'delayMs', title: 'longest delay (ms)', digits: 1 },
    ],
    subjects,
  })
}

async function oneRun(records: number, kind: Kind): Promise<Map<string, Record<string, number>>> {
  const store = new MemoryStore()
  const { registry } = await openRegistry({
    store,
    adminToken: TOKEN,
    nameServers: ['a.test', 'b.test'],
    tsigMd5: false,
  })
  const [account] = registry.accounts.all()
  const made = await registry.zones.create({ accountId: account?.id ?? '', name: NAME, type: 'secondary' })
  if (made.type === 'refused') throw new Error(made.problems[0]?.text)
  const apex = parseName(NAME)
  const newest = contentsOf(apex, records, kind)
  const runtime = { records: newest, facts: () => undefined } as unknown as ZoneRuntime
  const api = createApi({ registry, runtime, metrics: { contentType: '', metrics: async () => '' }, log: noLog })
  await api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.address() as AddressInfo
  const base = `http://127.0.0.1:${port}/client/v4/zones/${made.value.id}/dns_records`
  const figures = new Map<string, Record<string, number>>()
  const last = Math.ceil(records / 100)
  for (const [question, template] of Object.entries(kind === 'edited' ? QUESTIONS_OF_EDITED : QUESTIONS)) {
    const query = template.replace('MIDDLE', String(last >> 1)).replace('LAST', String(last))
    figures.set(question, await askTwice(`${base}?${query}`))
  }
  const { result } = (await (await ask(`${base}?name=host99.${NAME}`)).json()) as { result: { id: string }[] }
  figures.set('one record by its id', await askTwice(`${base}/${result[0]?.id}`))
  await api.close()
  return figures
}

/** Contents in shared memory, as a server has them: three records for each host. */
function contentsOf(apex: Name, records: number, kind: Kind): () => RecordReader {
  const arena = new Arena()
  const directory = new DirectoryWriter(arena, { seed: 1 })
  const edit = new Edit(arena, undefined, apex)
  const text = function* (): Generator<string> {
    yield '@ 300 SOA ns hostmaster 1 3600 600 86400 300\n@ 300 NS ns.example.net.\n'
    for (let at = 0; at < records / HOSTS_PER_RECORDS; at++) {
      yield `host${at} 300 A 192.0.${(at >> 8) & 255}.${at & 255}\n 300 AAAA 2001:db8::${at.toString(16).slice(-4)}\n 300 TXT "host number ${at}"\n`
    }
  }
  for (const piece of text()) {
    for (const item of parseZoneFile(piece, { origin: apex, apex })) {
      if (item.type !== 'record') continue
      const { record } = item
      const octets = kind === 'edited' && record.type !== 6 ? asEdited(record, apex) : storeRecord(record, apex)
      if (record.type === 6) edit.setSoa(octets)
      else edit.add(octets, 0, octets.length)
    }
  }
  const zone = directory.put(apex, 1)
  directory.publish(zone, edit.commit().contents.version, [])
  const reader = new DirectoryReader(directory.memory)
  return () => {
    const pin = reader.pin(zone)
    if (pin === undefined) throw new Error('nothing was published')
    return kind === 'edited' ? new EditedRecords(reader, pin, apex) : new ZoneRecords(reader, pin, apex)
  }
}

/** As people edit them; every third one, the text, has a comment and a tag. */
function asEdited({ owner, type, ttl, rdata }: DnsRecord, apex: Name): Uint8Array {
  const text = rdata.length > 16 ? latin1Text(rdata.subarray(1)) : ''
  const attributes = text === '' ? {} : { comment: text, tags: [`number:${text.slice('host number '.length)}`] }
  const times = { createdAt: 1_775_390_400_000, modifiedAt: 1_775_390_400_000 }
  const id = randomUUID().replaceAll('-', '')
  return storeEdited({ id, owner, type, ttl, rdata, proxied: false, ...times, attributes }, apex)
}

const ask = (url: string) => fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })

async function askTwice(url: string): Promise<Record<string, number>> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const times: number[] = []
  for (let time = 0; time < 2; time++) {
    const start = performance.now()
    const answer = await ask(url)
    for await (const _piece of answer.body ?? []);
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
    times.push(performance.now() - start)
  }
  delay.disable()
  return { firstMs: times[0] ?? 0, againMs: times[1] ?? 0, delayMs: delay.max / 1e6 }
}
