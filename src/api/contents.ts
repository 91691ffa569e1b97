/** The contents of a zone for as long as an answer needs them. */

import { parseName } from '../dns/name.ts'
import type { RecordReader, ZoneRuntime } from '../engine/runtime.ts'
import type { Zone } from '../store/objects.ts'

/** Runs with the newest contents, and lets them go afterwards. A zone without contents has no records. */
export async function withRecords<T>(
  { runtime }: { readonly runtime: Pick<ZoneRuntime, 'records'> },
  zone: Zone,
  act: (reader: RecordReader) => Promise<T>,
): Promise<T> {
  const reader = runtime.records(zone.id) ?? emptyReader(zone)
  try {
    return await act(reader)
  } finally {
    reader.release()
  }
}

function emptyReader(zone: Zone): RecordReader {
  return {
    apex: parseName(zone.name),
    version: -1,
    recordCount: 0,
    records: () => [],
    recordsOf: () => [],
    release() {},
  }
}
