/**
 * What was handed on to one secondary is what the next ones ask for: chains of differences stay for a while, and those
 * who ask at the same time share one.
 */

import type { Serial } from '../dns/serial.ts'
import type { WhyFull } from '../protocol/transfer-chain.ts'
import type { Pin } from '../zone/directory-reader.ts'
import type { Stored } from '../zone/contents.ts'

/** Octets of all chains that are kept; those that were asked for last stay. */
const OCTETS_MAX = 8 * 1024 * 1024
const CHAINS_MAX = 1024

/** What leads from the asker's version to the one served, or why nothing does. */
export type ReadyChain =
  | { readonly type: 'differences'; readonly runs: readonly Stored[] }
  | { readonly type: 'full'; readonly why: WhyFull }

/** What a chain depends on. */
export interface ChainAsked {
  /** The version it leads to. */
  readonly pin: Pin
  readonly since: Serial
  readonly backlogFrom: Serial | undefined
  readonly transport: 'udp' | 'tcp'
}

interface Kept {
  readonly chain: Promise<ReadyChain>
  octets: number
}

/** The chains of one thread. */
export class RecentChains {
  readonly #octetsMax: number
  readonly #kept = new Map<string, Kept>()
  #octets = 0

  constructor(octetsMax = OCTETS_MAX) {
    this.#octetsMax = octetsMax
  }

  /** The chain, made by `make` unless it is there. */
  of(asked: ChainAsked, make: () => Promise<ReadyChain>): Promise<ReadyChain> {
    const key = keyOf(asked)
    if (key === undefined) return make()
    const known = this.#kept.get(key)
    if (known !== undefined) {
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known.chain
    }
    const kept: Kept = { chain: make(), octets: 0 }
    this.#kept.set(key, kept)
    kept.chain.then(
      (chain) => this.#weigh(key, kept, chain),
      () => this.#forget(key, kept), // whoever asked is told
    )
    return kept.chain
  }

  /** What is not there now may be there the next time. */
  #weigh(key: string, kept: Kept, chain: ReadyChain): void {
    if (chain.type === 'full' || this.#kept.get(key) !== kept) return this.#forget(key, kept)
    kept.octets = chain.runs.reduce((sum, { at, end }) => sum + end - at, 0)
    this.#octets += kept.octets
    for (const [oldest, each] of this.#kept) {
      if (this.#octets <= this.#octetsMax && this.#kept.size <= CHAINS_MAX) break
      this.#forget(oldest, each)
    }
  }

  #forget(key: string, kept: Kept): void {
    if (this.#kept.get(key) !== kept) return
    this.#kept.delete(key)
    this.#octets -= kept.octets
  }
}

function keyOf({ pin, since, backlogFrom, transport }: ChainAsked): string | undefined {
  const { sequence, version } = pin
  return sequence === undefined ? undefined : [sequence, version, since, backlogFrom, transport].join(' ')
}
