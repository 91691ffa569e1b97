import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { recordsOf } from '../../test/answer/world.ts'
import { chanceOf } from '../../test/random-rdata.ts'
import { type DnsRecord } from '../dns/message.ts'
import { parseName } from '../dns/name.ts'
import { asciiOctets } from '../dns/octets.ts'
import { Arena } from '../zone/arena.ts'
import { CHUNK_MASK, type Pointer } from '../zone/arena-view.ts'
import type { Contents } from '../zone/contents.ts'
import { DirectoryWriter } from '../zone/directory.ts'
import { Edit } from '../zone/edit.ts'
import { storeRecord } from '../zone/stored-form.ts'

const APEX = parseName('example.')
const OWNERS = 500
const WORKERS = 2
const VERSIONS = 1000

/** Makes what is freed unreadable at once. */
class ScribblingArena extends Arena {
  override free(page: Pointer): void {
    const at = (page & CHUNK_MASK) << 2
    this.wordsOf(page).fill(0x0dea_dbee, at, at + (this.sizeOf(page) >> 2))
    super.free(page)
  }
}

function recordOf(owner: number, version: number, number: number): Uint8Array {
  const text = `${owner} ${version} ${number}`
  const rdata = Uint8Array.of(text.length, ...asciiOctets(text))
  const record: DnsRecord = { owner: parseName(`owner-${owner}`, APEX), type: 16, class: 1, ttl: 60, rdata }
  return storeRecord(record, APEX)
}

test('threads that answer see whole RRsets of one version, while thousands are published and freed', async () => {
  const channels = Array.from({ length: WORKERS }, () => new MessageChannel())
  const arena = new ScribblingArena((index, chunk) => {
    for (const { port1 } of channels) port1.postMessage({ index, chunk })
  })
  const writer = new DirectoryWriter(arena, { seed: 1 })
  const zone = writer.put(APEX, 1)
  const current = new Int32Array(OWNERS)
  let contents: Contents | undefined

  /** Publishes a version in which some owners have new records. */
  const publish = (version: number, owners: readonly number[]): void => {
    const edit = new Edit(arena, contents, APEX)
    const soa = recordsOf('example.', `@ 60 IN SOA ns1 hostmaster ${version} 1 1 1 1`)[0] as DnsRecord
    edit.setSoa(storeRecord(soa, APEX))
    for (const owner of owners) {
      for (let number = 0; number < 3; number++) {
        const old = recordOf(owner, current[owner] as number, number)
        const fresh = recordOf(owner, version, number)
        if (contents !== undefined) edit.remove(old, 0, old.length)
        edit.add(fresh, 0, fresh.length)
      }
      current[owner] = version
    }
    const committed = edit.commit()
    contents = committed.contents
    writer.publish(zone, contents.version, committed.retired)
  }
  publish(
    1,
    Array.from({ length: OWNERS }, (_, owner) => owner),
  )

  const progress = new SharedArrayBuffer(4 * (1 + WORKERS))
  const counters = new Int32Array(progress)
  const workers = channels.map(({ port2 }, worker) => {
    const data = { memory: writer.memory, port: port2, owners: OWNERS, progress, worker }
    return new Worker(new URL('../../test/workers/answer-hammer.ts', import.meta.url), {
      workerData: data,
      transferList: [port2],
    })
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))

  const chance = chanceOf(9)
  let version = 2
  for (; version < VERSIONS || counters.subarray(1).some((answers) => answers < 1000); version++) {
    publish(
      version,
      Array.from({ length: 1 + chance(20) }, () => chance(OWNERS)).filter(
        (owner, at, all) => all.indexOf(owner) === at,
      ),
    )
  }

  const reports = workers.map((worker) => once(worker, 'message'))
  Atomics.store(counters, 0, 1)
  for (const [report] of (await Promise.all(reports)) as { failures: string[] }[][])
    expect(report?.failures).toEqual([])
  await Promise.all(workers.map((worker) => worker.terminate()))
  for (const { port1 } of channels) port1.close()
  writer.reclaim()
  expect(writer.waitingPages).toBe(0)
  expect(arena.use.usedOctets).toBeLessThan(2 ** 22)
}, 120_000)
