/** What each foreign server says about itself, and what its configuration is made of. */

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Endpoint } from '../endpoint.ts'

/** A TSIG key in the words all four servers know. */
export interface TransferKey {
  /** Without trailing dot. */
  readonly name: string
  /** `hmac-sha256` and its relatives. */
  readonly algorithm: string
  /** Base64. */
  readonly secret: string
}

/** A zone of a primary, or without a file, of a secondary. */
export interface PeerZone {
  /** Absolute, with the trailing dot. */
  readonly apex: string
  readonly file?: string
}

/** A backend of PowerDNS. */
export type Backend = 'sqlite' | 'bind' | 'lmdb'

/** What a peer's own file turns into configuration. */
export interface PeerSettings {
  readonly role: 'primary' | 'secondary'
  readonly zones: readonly PeerZone[]
  readonly primaries: readonly Endpoint[]
  readonly notify: readonly Endpoint[]
  readonly key: TransferKey | undefined
  readonly allow: 'key' | 'address' | 'both'
  readonly ixfr: boolean
  readonly updates: boolean
  /** Where PowerDNS keeps zones. */
  readonly backend: Backend
  /** Whether PowerDNS may answer from its caches, which hide a new version for a while. */
  readonly caches: boolean
  /** Whether limits are raised for very many zones. */
  readonly many: boolean
  readonly endpoint: Endpoint
  /** For the control channel of BIND, which wants TCP. */
  readonly controlPort: number
  /** Holds everything: configuration, zones, sockets, logs. */
  readonly folder: string
}

/** What tells one server from another. */
export interface PeerKind {
  readonly programs: readonly string[]
  /** Answers an IXFR with differences, as a primary. */
  readonly offersIxfr: boolean
  /** Writes configuration and data; gives the command that runs in the foreground. */
  prepare(settings: PeerSettings): Promise<[string, ...string[]]>
  /** Makes a running primary take the new contents of its zone file, and notify. */
  reload(settings: PeerSettings, zone: Required<PeerZone>): Promise<void>
}

/** Runs a control program to its end; a failure carries what it said. */
export async function control(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 1 << 26 })
  return stdout
}

/** Writes one file of configuration. */
export async function writeConfig(settings: PeerSettings, name: string, lines: readonly string[]): Promise<string> {
  const path = join(settings.folder, 'etc', name)
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}
