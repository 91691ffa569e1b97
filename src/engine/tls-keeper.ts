/** The certificate that HTTPS is spoken with: one of the operator's, read again when it changes, or one made here. */

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { join } from 'node:path'
import type { Store } from '../store/store.ts'
import type { Clock } from './alarms.ts'
import type { Log } from './log.ts'
import { ServeError } from './serve-error.ts'
import type { Settings } from './settings.ts'

/** What a TLS server is given, as PEM. */
export interface TlsIdentity {
  readonly cert: string
  readonly key: string
}

export interface TlsWorld {
  readonly store: Pick<Store, 'meta' | 'setMeta' | 'secret' | 'setSecret'>
  readonly settings: Pick<Settings, 'tls' | 'data'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

const DAY_MS = 86_400_000
const LOOK_MS = 60 * 60 * 1000
/** A certificate made here is made anew this long before it ends. */
const RENEWED_BEFORE_MS = 30 * DAY_MS

/** Hosts that answer for somebody else to the world. */
const PROVIDERS = ['api.cloudflare.com', 'dns.de-fra.ionos.com', 'api.hosting.ionos.com']

export class TlsKeeper {
  readonly identity: TlsIdentity
  readonly #world: TlsWorld
  readonly #endsAt: number | undefined
  #seen: string
  #timer: NodeJS.Timeout | undefined

  private constructor(world: TlsWorld, identity: TlsIdentity, endsAt: number | undefined) {
    this.#world = world
    this.identity = identity
    this.#endsAt = endsAt
    this.#seen = markOf(world.settings)
  }

  /** Reads the operator's certificate, or makes one. Throws a ServeError if there is none to be had. */
  static async open(world: TlsWorld): Promise<TlsKeeper> {
    const { settings, log } = world
    const { certificate, names } = settings.tls
    if (certificate !== undefined) return new TlsKeeper(world, readFiles(settings), undefined)
    const shadowed = names.filter((name) => PROVIDERS.includes(name))
    if (shadowed.length > 0) log.warn({ names: shadowed }, 'tls.impersonates')
    const made = await make(world)
    return new TlsKeeper(world, made.identity, made.endsAt)
  }

  /** Looks now and then whether there is a newer certificate, and hands it on. */
  start(renewed: (identity: TlsIdentity) => void): void {
    let endsAt = this.#endsAt
    this.#timer = setInterval(() => {
      void this.#look(endsAt).then(
        (next) => {
          if (next === undefined) return
          endsAt = next.endsAt
          this.#world.log.info({}, 'tls.renewed')
          renewed(next.identity)
        },
        (error: unknown) => this.#world.log.error({ err: error }, 'tls.unusable'),
      )
    }, LOOK_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(endsAt: number | undefined): Promise<Made | undefined> {
    const { settings, clock } = this.#world
    if (endsAt !== undefined) return endsAt - clock.now() < RENEWED_BEFORE_MS ? make(this.#world) : undefined
    const mark = markOf(settings)
    if (mark === this.#seen) return undefined
    this.#seen = mark
    return { identity: readFiles(settings), endsAt: undefined }
  }
}

interface Made {
  readonly identity: TlsIdentity
  readonly endsAt: number | undefined
}

/** What makes certificates is large, and most servers do without. */
async function make({ store, settings, clock }: TlsWorld): Promise<Made> {
  const { endOf, makeCertificate } = await import('./certificates.ts')
  const { certificate, key, authority } = await makeCertificate(store, settings.tls.names, clock.now())
  writeFileSync(authorityFile(settings), authority)
  return { identity: { cert: certificate, key: key.reveal() }, endsAt: endOf(certificate) }
}

/** Where those who are to trust us find whom to trust. */
const authorityFile = ({ data }: Pick<Settings, 'data'>): string => join(data, 'ca.pem')

function readFiles({ tls }: Pick<Settings, 'tls'>): TlsIdentity {
  try {
    const identity = { cert: readFileSync(tls.certificate ?? '', 'utf8'), key: readFileSync(tls.key ?? '', 'utf8') }
    createSecureContext(identity)
    return identity
  } catch (error) {
    throw new ServeError(`cannot use the certificate ${tls.certificate} with ${tls.key}: ${(error as Error).message}`)
  }
}

/** Changes when a file does. */
function markOf({ tls }: Pick<Settings, 'tls'>): string {
  const files = [tls.certificate, tls.key].filter((path) => path !== undefined)
  return files.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0).join()
}
