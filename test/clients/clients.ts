/**
 * Debian's clients of Cloudflare's API, unmodified, against our server.
 *
 * Those that have the provider's host built in are led here: each runs in a mount namespace in which the host's name has
 * our address, and trusts our authority (docs/manual/https.md).
 */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { runProgram, Served, type Ended } from '../server/process.ts'

/** Addresses of the loopback network that nobody else is likely to use, for the one port that such clients know. */
const NETWORK = '127.0.77.'
let addresses = 0
const HOST = 'api.cloudflare.com'

/** What a client is started by, and the Debian package it comes in. */
export interface ClientProgram {
  readonly path: string
  readonly package: string
}

/** Why a client cannot be tried here; undefined if it can. In CI nothing may be missing. */
export function clientMissing(program: ClientProgram): string | undefined {
  const why = existsSync(program.path)
    ? process.getuid?.() === 0
      ? undefined
      : 'only root may lead a client to another address'
    : `${program.package} is not installed`
  if (why !== undefined && process.env['CI'] === 'true') throw new Error(`${why}, and CI must not skip`)
  return why
}

/** A server that answers for the provider's host, with one zone. */
export class Provider {
  readonly server: Served
  readonly zone = 'example.com'

  private constructor(server: Served) {
    this.server = server
  }

  static async start(context: TestContext): Promise<Provider> {
    const address = `${NETWORK}${++addresses}`
    const server = await Served.prepare(context, { TWINZONE_HTTPS: `${address}:443` })
    const config = join(server.folder, 'twinzone.yaml')
    writeFileSync(config, `tls:\n  names: [${HOST}]\n`)
    writeFileSync(join(server.folder, 'hosts'), `127.0.0.1 localhost\n${address} ${HOST}\n`)
    await server.start({ args: ['--config', config] })
    const provider = new Provider(server)
    await server.post('/client/v4/zones', { name: provider.zone, type: 'full' })
    return provider
  }

  /** Runs a client that believes to talk to its provider. */
  run(line: string): Promise<Ended> {
    const authority = join(this.server.data, 'ca.pem')
    const script = `mount --bind '${join(this.server.folder, 'hosts')}' /etc/hosts && exec ${line}`
    return runProgram('unshare', ['--mount', 'sh', '-c', script], {
      cwd: this.server.folder,
      environment: {
        HOME: this.server.folder,
        SSL_CERT_FILE: authority,
        REQUESTS_CA_BUNDLE: authority,
        TOKEN: this.server.token,
        CLOUDFLARE_API_URL: undefined,
        https_proxy: undefined,
        HTTPS_PROXY: undefined,
      },
    })
  }

  /** The records that DNS answers, as text. */
  async dns(name: string, type: string): Promise<readonly string[]> {
    const { address, port } = this.server.dns
    const { stdout } = await runProgram('dig', [`@${address}`, '-p', String(port), '+short', name, type])
    return stdout.split('\n').filter((line) => line !== '')
  }
}
