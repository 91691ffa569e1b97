/** The TSIG keys of the control plane. */

import type { Tsig } from '../store/objects.ts'
import type { Id } from './object-id.ts'
import { readTsig, type TsigDraft, type TsigPolicy } from './object-tsig.ts'
import { done, nameSome, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'

export class Tsigs {
  readonly #desk: Desk
  readonly #policy: TsigPolicy

  constructor(desk: Desk, policy: TsigPolicy) {
    this.#desk = desk
    this.#policy = policy
  }

  in(accountId: Id): readonly Tsig[] {
    return this.#desk.state.tsigs.in(accountId)
  }

  of(accountId: Id, id: Id): Tsig | undefined {
    return this.#desk.state.tsigs.of(accountId, id)
  }

  get(id: Id): Tsig | undefined {
    return this.#desk.state.tsigs.get(id)
  }

  create(accountId: Id, draft: TsigDraft): Promise<Outcome<Tsig>> {
    return this.#desk.change(() => {
      const fields = readTsig(draft, this.#policy)
      if (fields.type === 'refused') return fields
      const tsig: Tsig = { id: this.#desk.newId(), accountId, ...fields.value }
      return done({ value: tsig, changes: [{ put: 'tsig', object: tsig }] }, fields.warnings)
    })
  }

  /** Counts from the next message on. */
  replace(accountId: Id, id: Id, draft: TsigDraft): Promise<Outcome<Tsig>> {
    return this.#desk.change((state) => {
      if (state.tsigs.of(accountId, id) === undefined) return unknownTsig(id)
      const fields = readTsig(draft, this.#policy)
      if (fields.type === 'refused') return fields
      const tsig: Tsig = { id, accountId, ...fields.value }
      return done({ value: tsig, changes: [{ put: 'tsig', object: tsig }] }, fields.warnings)
    })
  }

  /** Refused while peers use the key: without it their transfers would go unsigned. */
  remove(accountId: Id, id: Id): Promise<Outcome<Tsig>> {
    return this.#desk.change((state) => {
      const tsig = state.tsigs.of(accountId, id)
      if (tsig === undefined) return unknownTsig(id)
      const names = state.peersOfTsig.of(id).map((peerId) => state.peers.get(peerId)?.name ?? peerId)
      if (names.length > 0) return refused('tsig-in-use', `the TSIG is used by the peers ${nameSome(names)}`)
      return done({ value: tsig, changes: [{ remove: 'tsig', id }] })
    })
  }
}

const unknownTsig = (id: Id) => refused('tsig-unknown', `there is no TSIG "${id}"`)
