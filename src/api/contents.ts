/** The contents of a zone for as long as an answer needs them. */

import { parseName } from '../dns/name.ts'
import type { RecordReader, ZoneRuntime } from '../engine/runtime.ts'
import type { Zone } from '../store/objects.ts'
import { ApiError } from './errors.ts'

/** Runs with the records of a zone as people know them, and lets them go afterwards. A zone without contents has none. */
export async function withRecords<T>(
  { runtime }: { readonly runtime: Pick<ZoneRuntime, 'records' | 'facts'> },
  zone: Zone,
  act: (reader: RecordReader) => Promise<T>,
): Promise<T> {
  return held(
    readerOf(runtime, zone, () => runtime.records(zone.id)),
    act,
  )
}

/** The same with what is answered from. */
export async function withServed<T>(
  { runtime }: { readonly runtime: Pick<ZoneRuntime, 'served' | 'facts'> },
  zone: Zone,
  act: (reader: RecordReader) => Promise<T>,
): Promise<T> {
  return held(
    readerOf(runtime, zone, () => runtime.served(zone.id)),
    act,
  )
}

async function held<T>(reader: RecordReader, act: (reader: RecordReader) => Promise<T>): Promise<T> {
  try {
    return await act(reader)
  } finally {
    reader.release()
  }
}

/** Where there is nothing to read the zone has not come yet, or too many answers hold contents just now. */
function readerOf(runtime: Pick<ZoneRuntime, 'facts'>, zone: Zone, look: () => RecordReader | undefined): RecordReader {
  const found = look()
  if (found !== undefined) return found
  if (runtime.facts(zone.id)?.state !== 'serving') return readerWithout(zone)
  // It may have come since: another thread publishes.
  const come = look()
  if (come === undefined) throw new ApiError('contents-busy')
  return come
}

function readerWithout(zone: Zone): RecordReader {
  return {
    edited: zone.type === 'full',
    apex: parseName(zone.name),
    version: -1,
    recordCount: 0,
    records: () => [],
    recordsOf: () => [],
    byId: () => undefined,
    release() {},
  }
}
