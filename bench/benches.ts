/** All benchmarks by name, and how much each measures, quickly or in full. */

import type { PeerName } from '../test/interop/peers/peer.ts'
import { benchAnswer } from './answer.ts'
import { benchAnswers } from './answers.ts'
import { benchAnswersBusy } from './answers-busy.ts'
import { benchDifferences } from './differences.ts'
import { benchGrowth } from './growth.ts'
import { benchManyZones } from './many-zones.ts'
import { benchPropagation, editablePrimaries } from './propagation.ts'
import { benchRecordList } from './record-list.ts'
import { benchSampling } from './sampling.ts'
import { contestants } from './servers.ts'
import { benchStart } from './start.ts'
import { benchTransferIn } from './transfer-in.ts'
import { benchTransferOut } from './transfer-out.ts'
import { benchTransferOctets } from './transfer-octets.ts'
import { benchZones } from './zones.ts'

/** What can be said on the command line; numbers that are not said are those of the bench. */
export interface BenchOptions {
  readonly quick: boolean
  readonly runs: number | undefined
  readonly records: number | undefined
  readonly zones: number | undefined
  readonly primary: PeerName
  readonly signed: boolean
  readonly only: readonly string[] | undefined
}

/** Each writes its results and gives them as text. */
export const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<string>>> = {
  answers: ({ quick, runs, records, only }) =>
    benchAnswers({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 1 : 5),
      seconds: quick ? 2 : 5,
      servers: only ?? contestants(),
    }),
  'answers-busy': ({ quick, runs, records, only }) =>
    benchAnswersBusy({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 1 : 5),
      seconds: quick ? 2 : 5,
      servers: only ?? contestants(),
    }),
  'transfer-out': ({ quick, runs, records, only }) =>
    benchTransferOut({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 2 : 7),
      servers: only ?? contestants(),
    }),
  'transfer-in': ({ quick, runs, records, primary, signed, only }) =>
    benchTransferIn({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 1 : 5),
      primary,
      signed,
      secondaries: only ?? contestants(),
    }),
  start: ({ quick, runs, records, only }) =>
    benchStart({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 2 : 5),
      servers: only ?? contestants(),
    }),
  'transfer-octets': ({ quick, runs, records }) =>
    benchTransferOctets({ records: records ?? (quick ? 100_000 : 1_000_000), runs: runs ?? (quick ? 1 : 5) }),
  answer: ({ quick, runs }) => benchAnswer({ runs: runs ?? (quick ? 1 : 5), seconds: quick ? 0.3 : 1 }),
  differences: ({ quick, runs, records, only }) =>
    benchDifferences({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 2 : 5),
      versions: quick ? 200 : 1000,
      servers: only ?? contestants(),
    }),
  'many-zones': ({ quick, runs, zones, only }) =>
    benchManyZones({
      zones: zones ?? (quick ? 1000 : 10_000),
      runs: runs ?? (quick ? 1 : 3),
      refreshSeconds: quick ? 30 : 120,
      idleSeconds: quick ? 10 : 120,
      servers: only ?? contestants(),
    }),
  'many-zones-large': ({ zones, runs, only }) =>
    benchManyZones({
      zones: zones ?? 100_000,
      runs: runs ?? 1,
      refreshSeconds: 300,
      idleSeconds: 300,
      servers: only ?? contestants(),
    }),
  growth: ({ quick, runs }) =>
    benchGrowth({
      sizes: quick ? [10_000, 100_000, 1_000_000] : [10_000, 100_000, 1_000_000, 5_000_000],
      runs: runs ?? (quick ? 2 : 5),
    }),
  propagation: ({ quick, runs, only }) =>
    benchPropagation({
      edits: quick ? 50 : 300,
      seconds: quick ? 10 : 60,
      runs: runs ?? (quick ? 1 : 5),
      primaries: only ?? editablePrimaries(),
    }),
  sampling: ({ quick, runs }) => benchSampling({ runs: runs ?? (quick ? 3 : 9), seconds: quick ? 0.5 : 1 }),
  'record-list': ({ quick, runs, records }) =>
    benchRecordList({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 1 : 3),
      kind: 'transferred',
    }),
  'record-list-edited': ({ quick, runs, records }) =>
    benchRecordList({
      records: records ?? (quick ? 100_000 : 1_000_000),
      runs: runs ?? (quick ? 1 : 3),
      kind: 'edited',
    }),
  zones: ({ quick, runs, zones }) =>
    benchZones({
      zones: zones ?? (quick ? 10_000 : 100_000),
      runs: runs ?? 1,
      edits: quick ? 100 : 500,
      idleSeconds: quick ? 10 : 60,
    }),
}

/** What takes too long for a quick look, and is left out of it unless it is named. */
export const TOO_LONG: readonly string[] = ['many-zones-large', 'zones', 'record-list-edited']
