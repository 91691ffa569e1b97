/**
 * Octets on the disk: CRC-32, then the octets, by zstd if that made them shorter.
 *
 * How long they are unpacked stands beside them in the row, so a body of that length was not compressed.
 */

import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { StoreError } from './error.ts'

const CRC_OCTETS = 4

/**
 * Compressing less than this costs more time than it saves space: a zone of ten records takes 600 octets instead of
 * 1,500, and at each start twice as long to be read. Of such zones there are many.
 */
const WORTHWHILE_OCTETS = 2048

/** Level 1: higher ones gain nothing on runs of records. */
const PARAMS = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_contentSizeFlag]: 1 }

/** The form in which octets are kept. */
export function pack(octets: Uint8Array): Uint8Array {
  const body = octets.length < WORTHWHILE_OCTETS ? octets : shorter(octets)
  const packed = new Uint8Array(CRC_OCTETS + body.length)
  new DataView(packed.buffer).setUint32(0, crc32(octets))
  packed.set(body, CRC_OCTETS)
  return packed
}

function shorter(octets: Uint8Array): Uint8Array {
  const compressed = zstdCompressSync(octets, { params: PARAMS })
  return compressed.length < octets.length ? compressed : octets
}

/** The octets again; throws a StoreError if they are not what was packed. `what` names them in the message. */
export function unpack(packed: Uint8Array, octets: number, what: string): Uint8Array {
  const body = packed.subarray(CRC_OCTETS)
  const unpacked = body.length === octets ? body.slice() : decompress(body, octets)
  const sum = new DataView(packed.buffer, packed.byteOffset).getUint32(0)
  if (unpacked?.length !== octets || crc32(unpacked) !== sum)
    throw new StoreError('corrupt', `${what} is damaged: what was read is not what was written`)
  return unpacked
}

function decompress(body: Uint8Array, octets: number): Uint8Array | undefined {
  try {
    // One chunk that holds everything, so that nothing is put together afterwards.
    const room = Math.max(64, octets + 1)
    const run = zstdDecompressSync(body, { chunkSize: room, maxOutputLength: room })
    // Short ones come out of Node's pool, whose buffer must not be handed to another thread.
    const pooled = run.buffer.byteLength > room
    return pooled ? new Uint8Array(run) : new Uint8Array(run.buffer, run.byteOffset, run.length)
  } catch {
    return undefined
  }
}
