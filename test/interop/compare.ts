/**
 * Have two servers the same zone? Pulls it from both with `dig`, and compares record by record.
 *
 * Owners, TTLs, types and RDATA are compared as printed by one and the same foreign program, so nothing of our own
 * decides what "equal" means.
 */

import { spawn } from 'node:child_process'
import { printEndpoint } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import type { TransferKey } from './peers/kind.ts'

/** Where to pull a zone from, and with which key. */
export interface Source {
  readonly endpoint: Endpoint
  readonly key?: TransferKey
  /** Resets connections while it takes up a version, as NSD does: it is asked once more then. */
  readonly resets?: boolean
}

/** What two servers disagree about. */
export interface Comparison {
  readonly same: boolean
  readonly recordsLeft: number
  readonly recordsRight: number
  /** Records only one side has, or has more often: the first few. */
  readonly onlyLeft: readonly string[]
  readonly onlyRight: readonly string[]
}

const SHOWN_MAX = 10

/** Pulls a zone by AXFR: its records, one line each, the SOA once, sorted. Throws when the transfer fails. */
export async function pullZone({ endpoint, key }: Source, apex: string): Promise<string[]> {
  const signed = key === undefined ? [] : ['-y', `${key.algorithm}:${key.name}:${key.secret}`]
  const server = [`@${endpoint.address}`, '-p', String(endpoint.port)]
  const wanted = [apex, 'AXFR', '+noall', '+answer', '+onesoa', '+time=60', '+tries=1']
  const text = await outputOf('dig', [...server, ...signed, ...wanted])
  const lines = text.split('\n')
  const trouble = lines.find((line) => line.startsWith(';') && /fail|error|could|bad|refused|timed out/i.test(line))
  if (trouble !== undefined) throw new Error(`AXFR of ${apex} from ${printEndpoint(endpoint)}: ${trouble}`)
  const records = lines.filter((line) => line !== '' && !line.startsWith(';')).map(normaliseLine)
  if (records.length === 0) throw new Error(`AXFR of ${apex} from ${printEndpoint(endpoint)}: no records`)
  return records.sort()
}

/** Compares two sorted lists of records. */
export function compareRecords(left: readonly string[], right: readonly string[]): Comparison {
  const onlyLeft: string[] = []
  const onlyRight: string[] = []
  let differences = 0
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    const a = left[l]
    const b = right[r]
    if (a === b) {
      l++
      r++
      continue
    }
    differences++
    if (b === undefined || (a !== undefined && a < b)) {
      if (onlyLeft.length < SHOWN_MAX) onlyLeft.push(a as string)
      l++
    } else {
      if (onlyRight.length < SHOWN_MAX) onlyRight.push(b)
      r++
    }
  }
  return { same: differences === 0, recordsLeft: left.length, recordsRight: right.length, onlyLeft, onlyRight }
}

/**
 * Throws, with the first differences, unless both servers hand out the same zone. Gives the number of records.
 * `folded` disregards upper and lower case also in RDATA, for the servers that do not keep it.
 */
export async function expectSameZone(
  primary: Source,
  secondary: Source,
  apex: string,
  { folded = false }: { folded?: boolean } = {},
): Promise<number> {
  const pull = async (source: Source): Promise<string[]> => {
    const records = await pullZone(source, apex).catch((error: unknown) => {
      if (source.resets !== true || !/connection reset|end of file/.test(String(error))) throw error
      return pullZone(source, apex)
    })
    return folded ? records.map((record) => record.toLowerCase()).sort() : records
  }
  const [left, right] = await Promise.all([pull(primary), pull(secondary)])
  const found = compareRecords(left, right)
  if (found.same) return found.recordsLeft
  const shown = [...found.onlyLeft.map((line) => `- ${line}`), ...found.onlyRight.map((line) => `+ ${line}`)]
  throw new Error(
    [`${apex}: ${found.recordsLeft} records at the primary, ${found.recordsRight} at the secondary`, ...shown].join(
      '\n',
    ),
  )
}

/** One separator between the fields, and the owner without regard to case. */
function normaliseLine(line: string): string {
  const fields = /^(\S+)\s+(\d+)\s+(\S+)\s+(\S+)\s*(.*)$/.exec(line)
  if (fields === null) throw new Error(`not a record: ${line}`)
  const [, owner, ttl, dnsClass, type, rdata] = fields as unknown as [string, string, string, string, string, string]
  return `${owner.toLowerCase()} ${ttl} ${dnsClass} ${type} ${rdata}`
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const pieces: Buffer[] = []
    const complaints: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    child.stderr.on('data', (piece: Buffer) => complaints.push(piece))
    child.on('error', reject)
    child.on('close', (code) => {
      const text = Buffer.concat(pieces).toString('latin1')
      if (code === 0) resolve(text)
      else
        reject(
          new Error(
            `${program}: ${Buffer.concat([...complaints, ...pieces])
              .toString('latin1')
              .slice(-500)}`,
          ),
        )
    })
  })
}
