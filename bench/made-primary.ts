/** A primary of made zones, in a process of its own that is in nobody's way. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freeEndpoint, type Endpoint } from '../test/interop/endpoint.ts'
import { AS_PARTNER } from './cores.ts'

/** A zone and its master file. */
interface LargeZone {
  readonly apex: string
  readonly file: string
}

/** What the process is told to do. */
export type Order =
  | {
      readonly type: 'serve'
      readonly zones: number
      readonly refreshSeconds?: number
      readonly serial?: number
      readonly large?: LargeZone
      readonly endpoint: Endpoint
    }
  | {
      readonly type: 'advance'
      readonly zones: number
      readonly secondary: Endpoint
      readonly perSecond: number
      readonly seconds: number
    }
  | { readonly type: 'die-sending' }
  | { readonly type: 'go-on'; readonly versions: number; readonly secondary: Endpoint }

/** What it tells. */
export type Told =
  | { readonly type: 'serving' }
  | { readonly type: 'dying' }
  | { readonly type: 'advanced'; readonly notified: number; readonly fetched: number }

export interface MadeOptions {
  readonly zones: number
  readonly refreshSeconds?: number
  /** What all zones begin with; 1 by default. */
  readonly serial?: number
  /** A zone beside the small ones; its first label tells it from them. */
  readonly large?: LargeZone
  /** Where it answers; a free port by default. */
  readonly endpoint?: Endpoint
}

export class MadePrimary {
  readonly endpoint: Endpoint
  readonly #child: ChildProcess

  private constructor(endpoint: Endpoint, child: ChildProcess) {
    this.endpoint = endpoint
    this.#child = child
  }

  static async start(options: MadeOptions): Promise<MadePrimary> {
    const script = fileURLToPath(new URL('made-primary-process.ts', import.meta.url))
    const command = [...AS_PARTNER, process.execPath, script]
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
    const child = spawn(command[0] as string, command.slice(1), { stdio: [...stdio] })
    const endpoint = options.endpoint ?? (await freeEndpoint())
    const primary = new MadePrimary(endpoint, child)
    await primary.#ask({ type: 'serve', ...options, endpoint }, 'serving')
    return primary
  }

  /** Makes new versions at a rate and sends NOTIFY of each; gives how many were told of, and how many fetched meanwhile. */
  async advance(
    order: Omit<Extract<Order, { type: 'advance' }>, 'type'>,
  ): Promise<Extract<Told, { type: 'advanced' }>> {
    return this.#ask({ type: 'advance', ...order }, 'advanced')
  }

  /** Gives the large zone so many new versions; each comes when the secondary has fetched the one before. */
  async goOn(order: Omit<Extract<Order, { type: 'go-on' }>, 'type'>): Promise<void> {
    await this.#ask({ type: 'go-on', ...order }, 'advanced')
  }

  stop(): void {
    this.#child.kill()
  }

  /** Has it end without warning in the middle of the next transfer of several messages, which `act` sees to. */
  async dieSending(act: () => Promise<void>): Promise<void> {
    await this.#ask({ type: 'die-sending' }, 'dying')
    const ended = once(this.#child, 'exit')
    await act()
    await ended
  }

  #ask<Type extends Told['type']>(order: Order, type: Type): Promise<Extract<Told, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`the primary of made zones ended with ${code}`))
      this.#child.once('exit', onExit)
      this.#child.on('message', (told: Told) => {
        if (told.type !== type) return
        this.#child.removeAllListeners('message')
        this.#child.off('exit', onExit)
        resolve(told as Extract<Told, { type: Type }>)
      })
      this.#child.send(order)
    })
  }
}
