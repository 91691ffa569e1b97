/**
 * What passes between the store's thread and those that use it.
 *
 * Calls and answers travel in batches. Octets in shared memory pass by reference; long ones of an ArrayBuffer of their
 * own are transferred where the caller gave them away; of the rest exactly the octets meant are copied, never the
 * buffer around them. A Secret is a class and would arrive empty, so its text travels and is wrapped again.
 */

import type { MessagePort } from 'node:worker_threads'
import type { StoreFault } from './error.ts'
import type { Change, StoredObject, Tsig } from './objects.ts'
import { Secret } from './secret.ts'
import type {
  Checkpoint,
  KnownSegment,
  Segment,
  Store,
  StoredDifference,
  StoredVersion,
  VersionCommit,
} from './store.ts'

/** What can be asked of the thread. */
export type Act = Exclude<keyof Store, 'close'>

export interface Call {
  readonly id: number
  readonly act: Act
  readonly args: readonly unknown[]
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: StoreFault | undefined; readonly message: string }

/** What the starter says to the thread. */
export type Order = { readonly connect: MessagePort } | { readonly close: true }

/** What the thread says to its starter, once. */
export type Opened =
  | { readonly opened: true }
  | { readonly opened: false; readonly fault: StoreFault | undefined; readonly message: string }

/** Buffers that change hands with a message. */
export type Transfers = Set<ArrayBuffer>

/** Below this a copy is cheaper than a change of hands. */
const TRANSFER_OCTETS_MIN = 4096

/** The arguments of a call in the form in which they travel. */
export function packArgs(act: Act, args: readonly unknown[], transfers: Transfers): readonly unknown[] {
  switch (act) {
    case 'change':
      return [packChanges(args[0] as readonly Change[])]
    case 'stage':
      return [args[0], (args[1] as readonly Segment[]).map((segment) => packSegment(segment, transfers))]
    case 'commitVersion':
      return [packCommit(args[0] as VersionCommit, transfers)]
    case 'checkpoint':
      return [packContents(args[0] as Checkpoint, transfers)]
    case 'setSecret':
      return [args[0], (args[1] as Secret).reveal()]
    default:
      return args
  }
}

/** The arguments as the store takes them. */
export function unpackArgs({ act, args }: Call): readonly unknown[] {
  if (act === 'setSecret') return [args[0], new Secret(args[1] as string)]
  if (act === 'change') return [unpackChanges(args[0] as readonly Change[])]
  if (act !== 'commitVersion') return args
  const commit = args[0] as VersionCommit
  return commit.changes === undefined ? args : [{ ...commit, changes: unpackChanges(commit.changes) }]
}

/** Frees the long octets that came with a call, once it is answered: their thread makes little else that tells a collector to run. */
export function freeArgs({ act, args }: Call): void {
  const segments =
    act === 'stage' ? args[1] : act === 'commitVersion' || act === 'checkpoint' ? segmentsIn(args[0]) : []
  for (const segment of segments as readonly (Segment | KnownSegment)[]) {
    if (!('octets' in segment)) continue
    const { buffer, byteLength } = segment.octets
    if (buffer instanceof ArrayBuffer && !buffer.detached && buffer.byteLength === byteLength) buffer.transfer(0)
  }
}

const segmentsIn = (version: unknown) => (version as Partial<Checkpoint>).segments ?? []

/** An answer in the form in which it travels. */
export function packValue({ act, args }: Call, value: unknown, transfers: Transfers): unknown {
  if (value === undefined) return value
  if (act === 'secret') return (value as Secret).reveal()
  if (act === 'objects' && args[0] === 'tsig') return (value as Tsig[]).map(packTsig)
  if (act === 'differences') for (const { octets } of value as StoredDifference[]) giveAway(octets, transfers)
  if (act === 'octetsOf') for (const octets of value as Uint8Array[]) giveAway(octets, transfers)
  if (act !== 'version') return value
  const { base, differences } = value as StoredVersion
  for (const segment of base.segments) if ('octets' in segment) giveAway(segment.octets, transfers)
  for (const { octets } of differences) giveAway(octets, transfers)
  return value
}

/** An answer as the caller takes it. */
export function unpackValue({ act, args }: Pick<Call, 'act' | 'args'>, value: unknown): unknown {
  if (act === 'secret') return value === undefined ? undefined : new Secret(value as string)
  return act === 'objects' && args[0] === 'tsig' ? (value as StoredObject[]).map(unpackTsig) : value
}

function packCommit(commit: VersionCommit, transfers: Transfers): VersionCommit {
  const { changes, difference } = commit
  const packed = { ...(commit.base === 'full' ? packContents(commit, transfers) : commit), soa: own(commit.soa) }
  return {
    ...packed,
    ...(difference === undefined ? {} : { difference: { from: difference.from, octets: own(difference.octets) } }),
    ...(changes === undefined ? {} : { changes: packChanges(changes) }),
  }
}

function packContents<T extends Checkpoint>(version: T, transfers: Transfers): T {
  const segments = version.segments.map((segment) => packSegment(segment, transfers))
  return { ...version, soa: own(version.soa), segments }
}

function packSegment(segment: Segment | KnownSegment, transfers: Transfers): Segment | KnownSegment {
  const { recordCount } = segment
  const firstOwner = own(segment.firstOwner)
  if (!('octets' in segment)) return { firstOwner, recordCount, hash: own(segment.hash) }
  const octets = own(segment.octets)
  giveAway(octets, transfers)
  return { firstOwner, recordCount, octets }
}

/** A view that drags no larger buffer along when it is cloned. */
function own(octets: Uint8Array): Uint8Array {
  const { buffer, byteLength } = octets
  return buffer instanceof SharedArrayBuffer || buffer.byteLength === byteLength ? octets : new Uint8Array(octets)
}

function giveAway({ buffer, byteLength }: Uint8Array, transfers: Transfers): void {
  if (byteLength >= TRANSFER_OCTETS_MIN && buffer instanceof ArrayBuffer) transfers.add(buffer)
}

const packChanges = (changes: readonly Change[]): Change[] =>
  changes.map((change) =>
    'put' in change && change.put === 'tsig' ? { ...change, object: packTsig(change.object) } : change,
  )

const unpackChanges = (changes: readonly Change[]): Change[] =>
  changes.map((change) =>
    'put' in change && change.put === 'tsig' ? { ...change, object: unpackTsig(change.object) } : change,
  )

const packTsig = (key: Tsig): Tsig => ({ ...key, secret: key.secret.reveal() as unknown as Secret })

const unpackTsig = (key: StoredObject): Tsig =>
  ({ ...key, secret: new Secret((key as Tsig).secret as unknown as string) }) as Tsig
