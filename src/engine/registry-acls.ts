/** The ACLs of the control plane: further networks that may send NOTIFY for the zones of an account. */

import type { Acl } from '../store/objects.ts'
import { readAcl, type AclDraft } from './object-acl.ts'
import { instantText, type Id } from './object-id.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'

export class Acls {
  readonly #desk: Desk

  constructor(desk: Desk) {
    this.#desk = desk
  }

  in(accountId: Id): readonly Acl[] {
    return this.#desk.state.acls.in(accountId)
  }

  of(accountId: Id, id: Id): Acl | undefined {
    return this.#desk.state.acls.of(accountId, id)
  }

  create(accountId: Id, draft: AclDraft): Promise<Outcome<Acl>> {
    return this.#desk.change(() => {
      const fields = readAcl(draft)
      if (fields.type === 'refused') return fields
      const now = instantText(this.#desk.now())
      const acl: Acl = { id: this.#desk.newId(), accountId, ...fields.value, createdTime: now, modifiedTime: now }
      return done({ value: acl, changes: [{ put: 'acl', object: acl }] })
    })
  }

  replace(accountId: Id, id: Id, draft: AclDraft): Promise<Outcome<Acl>> {
    return this.#desk.change((state) => {
      const before = state.acls.of(accountId, id)
      if (before === undefined) return unknownAcl(id)
      const fields = readAcl(draft)
      if (fields.type === 'refused') return fields
      const acl: Acl = { ...before, ...fields.value, modifiedTime: instantText(this.#desk.now()) }
      return done({ value: acl, changes: [{ put: 'acl', object: acl }] })
    })
  }

  remove(accountId: Id, id: Id): Promise<Outcome<Acl>> {
    return this.#desk.change((state) => {
      const acl = state.acls.of(accountId, id)
      if (acl === undefined) return unknownAcl(id)
      return done({ value: acl, changes: [{ remove: 'acl', id }] })
    })
  }
}

const unknownAcl = (id: Id) => refused('acl-unknown', `there is no ACL "${id}"`)
