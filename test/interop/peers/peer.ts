/**
 * A foreign DNS server of Debian's packages, on loopback, with a configuration that is thrown away.
 *
 * What the four have in common is here; what tells them apart is one file each. BIND, Knot DNS, NSD and PowerDNS can
 * each play primary and secondary.
 */

import { copyFile, mkdir, rename } from 'node:fs/promises'
import { accessSync, constants } from 'node:fs'
import { execFile } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { waitForSerial } from '../ask.ts'
import { Daemon, lastLines, removeFolder, temporaryFolder } from '../daemon.ts'
import { freeEndpoint } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Source } from '../compare.ts'
import { BIND } from './bind.ts'
import { KNOT } from './knot.ts'
import { NSD } from './nsd.ts'
import { PDNS } from './pdns.ts'
import type { Backend, PeerKind, PeerSettings, PeerZone, TransferKey } from './kind.ts'

export type PeerName = 'bind' | 'knot' | 'nsd' | 'pdns'

/** What a test asks of a peer. */
export interface PeerOptions {
  readonly zones: readonly PeerZone[]
  /** Makes it a secondary. */
  readonly primaries?: readonly Endpoint[]
  /** Where it sends NOTIFY. */
  readonly notify?: readonly Endpoint[]
  /** Signs transfers and notifications. */
  readonly key?: TransferKey
  /** Who may transfer from it: whoever signs with the key (the default when there is one), or any address of loopback. */
  readonly allow?: 'key' | 'address' | 'both'
  /** Keeps and offers differences as a primary, asks for them as a secondary. On by default. */
  readonly ixfr?: boolean
  readonly endpoint?: Endpoint
  /** As a primary, takes UPDATE from loopback (RFC 2136); BIND and Knot only. */
  readonly updates?: boolean
  /** Where PowerDNS keeps zones; in SQLite by default. */
  readonly backend?: Backend
  /** Lets PowerDNS answer from its caches, as it does unless told otherwise; off by default. */
  readonly caches?: boolean
  /** Raises limits for very many zones. */
  readonly many?: boolean
  /** A command, such as `taskset`, that the server is run under. */
  readonly under?: readonly string[]
}

const KINDS: Readonly<Record<PeerName, PeerKind>> = { bind: BIND, knot: KNOT, nsd: NSD, pdns: PDNS }

/** All four, in the order they are tested. */
export const PEER_NAMES = Object.keys(KINDS) as PeerName[]

// Daemons live where the PATH of a Debian user does not look.
process.env['PATH'] = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`

/** A primary or secondary of foreign make. */
export class Peer {
  readonly name: PeerName
  readonly endpoint: Endpoint
  readonly #settings: PeerSettings
  readonly #command: [string, ...string[]]
  #daemon: Daemon | undefined

  private constructor(name: PeerName, settings: PeerSettings, command: [string, ...string[]]) {
    this.name = name
    this.endpoint = settings.endpoint
    this.#settings = settings
    this.#command = command
  }

  /** Starts a peer. A primary is up when it answers for its first zone; a secondary is started and no more. */
  static async start(name: PeerName, options: PeerOptions): Promise<Peer> {
    const peer = await Peer.prepare(name, options)
    await peer.start()
    return peer
  }

  /** Writes all a peer needs to start. */
  static async prepare(name: PeerName, options: PeerOptions): Promise<Peer> {
    const folder = temporaryFolder()
    for (const sub of ['etc', 'run', 'zones', 'db', 'log']) await mkdir(join(folder, sub))
    const settings: PeerSettings = {
      role: options.primaries === undefined ? 'primary' : 'secondary',
      zones: await Promise.all(options.zones.map((zone) => ownCopy(folder, zone))),
      primaries: options.primaries ?? [],
      notify: options.notify ?? [],
      key: options.key,
      allow: options.allow ?? (options.key === undefined ? 'address' : 'key'),
      ixfr: options.ixfr ?? true,
      updates: options.updates ?? false,
      backend: options.backend ?? 'sqlite',
      caches: options.caches ?? false,
      many: options.many ?? false,
      endpoint: options.endpoint ?? (await freeEndpoint()),
      controlPort: (await freeEndpoint()).port,
      folder,
    }
    const [program, ...args] = await KINDS[name].prepare(settings)
    const [first, ...rest] = [...(options.under ?? []), program, ...args]
    return new Peer(name, settings, [first ?? program, ...rest])
  }

  /** Starts it again, with the configuration and data it has. */
  async start(): Promise<void> {
    const daemon = new Daemon({ command: this.#command, logFile: join(this.#settings.folder, 'log', 'output.log') })
    this.#daemon = daemon
    if (this.#settings.role === 'secondary') return
    await this.waitForSerial(this.#settings.zones[0]?.apex ?? '.', { deadlineMs: 120_000 })
  }

  get offersIxfr(): boolean {
    return KINDS[this.name].offersIxfr && this.#settings.ixfr
  }

  /** This server as a side of a comparison. */
  get source(): Source {
    const { endpoint, key, allow } = this.#settings
    const resets = this.name === 'nsd'
    return key === undefined || allow === 'address' ? { endpoint, resets } : { endpoint, key, resets }
  }

  /** Waits until it answers a serial for a zone, or this one. */
  waitForSerial(apex: string, options: { serial?: number; deadlineMs?: number } = {}): Promise<number> {
    const running = (): boolean => this.#daemon?.running ?? false
    return waitForSerial(this.endpoint, { apex, running, ...options }).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${this.log()}`)
    })
  }

  /** Gives a primary a new version of a zone: it loads it and sends NOTIFY. */
  async load(apex: string, file: string): Promise<void> {
    const zone = this.#settings.zones.find((one) => one.apex === apex)
    if (zone?.file === undefined) throw new Error(`${this.name} is not primary for ${apex}`)
    // In one step: a server that looks at the wrong moment must not see half a file.
    await copyFile(file, `${zone.file}.new`)
    await rename(`${zone.file}.new`, zone.file)
    await KINDS[this.name].reload(this.#settings, { apex, file: zone.file })
  }

  /** The daemon and all its children; empty when stopped. */
  processIds(): number[] {
    return this.#daemon?.processIds() ?? []
  }

  /** Ends it and keeps its data, so that it can start again. */
  async stop(): Promise<void> {
    await this.#daemon?.stop()
    this.#daemon = undefined
  }

  /** Makes it stand still, alive but silent, or go on. */
  freeze(frozen: boolean): void {
    for (const pid of this.processIds()) process.kill(pid, frozen ? 'SIGSTOP' : 'SIGCONT')
  }

  /** Ends it without warning and keeps its data. */
  async kill(): Promise<void> {
    await this.#daemon?.kill()
    this.#daemon = undefined
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.kill()
    removeFolder(this.#settings.folder)
  }

  /** The end of its logs. */
  log(): string {
    const logs = ['server.log', 'output.log', 'load.log'].map((name) =>
      lastLines(join(this.#settings.folder, 'log', name), 25),
    )
    return [`--- ${this.name} ${this.#settings.role}`, ...logs.filter((text) => text !== '')].join('\n')
  }
}

/** Why a peer cannot be tested here; undefined when it can. Where CI is set, every peer must be there. */
export function peerMissing(name: PeerName): string | undefined {
  const missing = [...KINDS[name].programs, 'dig'].filter((program) => !onPath(program))
  if (missing.length === 0) return undefined
  const reason = `${missing.join(', ')} not installed`
  if (process.env['CI'] !== undefined) throw new Error(`${name}: ${reason}, and CI is set`)
  return reason
}

/** All four as cases for `describe.each`; a title says why a peer is left out. */
export function peersToTest(): { name: PeerName; title: string; missing: string | undefined }[] {
  return PEER_NAMES.map((name) => {
    const missing = peerMissing(name)
    return { name, missing, title: missing === undefined ? name : `${name}, left out: ${missing}` }
  })
}

/** The version a server says it has. */
export async function peerVersion(name: PeerName): Promise<string> {
  const [program, option] = (
    { bind: ['named', '-v'], knot: ['knotd', '-V'], nsd: ['nsd', '-v'], pdns: ['pdns_server', '--version'] } as const
  )[name]
  const said = await promisify(execFile)(program, [option]).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  )
  return /\d+\.\d+\.\d+/.exec(`${said.stdout}${said.stderr}`)?.[0] ?? 'unknown'
}

async function ownCopy(folder: string, { apex, file }: PeerZone): Promise<PeerZone> {
  if (file === undefined) return { apex }
  const own = join(folder, 'zones', `${apex}zone`)
  await copyFile(file, own)
  return { apex, file: own }
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
