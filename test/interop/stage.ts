/** What a test starts: it ends with the test, and shows its logs when the test failed. */

import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { removeFolder, temporaryFolder } from './daemon.ts'
import { Peer } from './peers/peer.ts'
import type { PeerName, PeerOptions } from './peers/peer.ts'
import { Twinzone } from './twinzone.ts'
import type { TwinzoneOptions } from './twinzone.ts'
import { TestZone } from './zones.ts'
import type { ZoneShape } from './zones.ts'

/** Anything that runs and can tell what it did. */
interface Actor {
  log(): string
  remove(): Promise<void>
}

/** The servers and zones of one test. */
export class Stage {
  readonly #actors: Actor[] = []
  #folder = ''

  /** A folder for the test's own files. */
  get folder(): string {
    this.#folder ||= temporaryFolder()
    return this.#folder
  }

  /** Starts a foreign server. */
  async peer(name: PeerName, options: PeerOptions): Promise<Peer> {
    return this.add(await Peer.start(name, options))
  }

  /** Starts twinzone on an empty data directory. */
  async twinzone(options: TwinzoneOptions = {}): Promise<Twinzone> {
    return this.add(await Twinzone.start(options))
  }

  /** Makes a zone and writes its first version. */
  async zone(shape: ZoneShape): Promise<{ zone: TestZone; file: string }> {
    const zone = new TestZone(shape)
    const file = join(this.folder, `${shape.apex}zone`)
    await zone.writeTo(file)
    return { zone, file }
  }

  /** Lets anything else end with the test. */
  add<T extends Actor>(actor: T): T {
    this.#actors.push(actor)
    return actor
  }

  /** Ends everything. */
  async clear({ tell }: { tell: boolean }): Promise<void> {
    const actors = this.#actors.splice(0)
    if (tell) for (const actor of actors) console.error(actor.log())
    await Promise.all(actors.map((actor) => actor.remove()))
    if (this.#folder !== '') removeFolder(this.#folder)
    this.#folder = ''
  }
}

/** The stage of a test. It belongs to that test alone, so tests may run beside each other. */
export function stageOf({ onTestFinished }: TestContext): Stage {
  const stage = new Stage()
  onTestFinished(({ task }) => stage.clear({ tell: task.result?.state === 'fail' }))
  return stage
}
