/** The contents of a zone for as long as an answer needs them. */

import { parseName } from '../dns/name.ts'
import type { RecordReader, ZoneRuntime } from '../engine/runtime.ts'
import type { Zone } from '../store/objects.ts'
import { ApiError } from './errors.ts'

/** Runs with the newest contents, and lets them go afterwards. A zone without contents has no records. */
export async function withRecords<T>(
  { runtime }: { readonly runtime: Pick<ZoneRuntime, 'records' | 'facts'> },
  zone: Zone,
  act: (reader: RecordReader) => Promise<T>,
): Promise<T> {
  const reader = runtime.records(zone.id) ?? readerWithout(runtime, zone)
  try {
    return await act(reader)
  } finally {
    reader.release()
  }
}

/** Why there is nothing to read: the zone has not come yet, or too many answers hold contents just now. */
function readerWithout(runtime: Pick<ZoneRuntime, 'facts'>, zone: Zone): RecordReader {
  if (runtime.facts(zone.id)?.state === 'serving') throw new ApiError('contents-busy')
  return {
    apex: parseName(zone.name),
    version: -1,
    recordCount: 0,
    records: () => [],
    recordsOf: () => [],
    release() {},
  }
}
