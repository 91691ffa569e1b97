/** Tokens as Cloudflare's API shows them, and as it is told of them. */

import Type, { type Static } from 'typebox'
import type { Instant } from '../../engine/object-id.ts'
import { statusOf, type TokenDraft } from '../../engine/object-token.ts'
import { groupWithId } from '../../engine/permission-groups.ts'
import type { Token, TokenCondition, TokenPolicy } from '../../store/objects.ts'

const Texts = Type.Record(Type.String(), Type.String())

const PolicyBody = Type.Object({
  id: Type.Optional(Type.String()),
  effect: Type.Enum(['allow', 'deny']),
  permission_groups: Type.Array(Type.Object({ id: Type.String(), meta: Type.Optional(Texts) })),
  resources: Type.Record(Type.String(), Type.Union([Type.String(), Texts])),
})

const Addresses = Type.Object({
  in: Type.Optional(Type.Array(Type.String())),
  not_in: Type.Optional(Type.Array(Type.String())),
})

/** The schema of Cloudflare says `request.ip`, its SDKs `request_ip`. */
const ConditionBody = Type.Object({
  request_ip: Type.Optional(Addresses),
  'request.ip': Type.Optional(Addresses),
})

export const TokenBody = Type.Object({
  name: Type.String(),
  policies: Type.Array(PolicyBody),
  condition: Type.Optional(ConditionBody),
  not_before: Type.Optional(Type.String()),
  expires_on: Type.Optional(Type.String()),
  status: Type.Optional(Type.Enum(['active', 'disabled', 'expired'])),
})

export const TokenObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  status: Type.String(),
  issued_on: Type.String(),
  modified_on: Type.String(),
  last_used_on: Type.Optional(Type.String()),
  not_before: Type.Optional(Type.String()),
  expires_on: Type.Optional(Type.String()),
  policies: Type.Array(
    Type.Object({
      id: Type.String(),
      effect: Type.String(),
      resources: Type.Record(Type.String(), Type.Unknown()),
      permission_groups: Type.Array(
        Type.Object({ id: Type.String(), name: Type.String(), meta: Type.Optional(Texts) }),
      ),
    }),
  ),
  condition: Type.Optional(Type.Object({ request_ip: Type.Optional(Addresses) })),
  /** Told once. */
  value: Type.Optional(Type.String()),
})

/** A token; policies, groups and resources in the order in which they were sent. */
export function tokenObject(
  token: Token,
  { now, lastUsedOn, value }: { now: Instant; lastUsedOn: string | undefined; value?: string },
): Static<typeof TokenObject> {
  const { id, name, createdOn, modifiedOn, notBefore, expiresOn, policies = [], condition } = token
  return {
    id,
    name,
    status: statusOf(token, now),
    issued_on: createdOn,
    modified_on: modifiedOn ?? createdOn,
    ...(lastUsedOn === undefined ? {} : { last_used_on: lastUsedOn }),
    ...(notBefore === undefined ? {} : { not_before: notBefore }),
    ...(expiresOn === undefined ? {} : { expires_on: expiresOn }),
    policies: policies.map(policyObject),
    ...(condition === undefined ? {} : { condition: conditionObject(condition) }),
    ...(value === undefined ? {} : { value }),
  }
}

function policyObject({ id, effect, resources, permissionGroups }: TokenPolicy) {
  return {
    id,
    effect,
    resources,
    permission_groups: permissionGroups.map(({ id: groupId, meta }) => ({
      id: groupId,
      name: groupWithId(groupId)?.name ?? '',
      ...(meta === undefined ? {} : { meta: { ...meta } }),
    })),
  }
}

function conditionObject({ addressesIn, addressesNotIn }: TokenCondition) {
  return {
    request_ip: {
      ...(addressesIn === undefined ? {} : { in: [...addressesIn] }),
      ...(addressesNotIn === undefined ? {} : { not_in: [...addressesNotIn] }),
    },
  }
}

/** What a body asks for. A token that is said to be expired is active, were it not for its time. */
export function tokenDraft(body: Static<typeof TokenBody>): TokenDraft {
  const { name, policies, condition, not_before: notBefore, expires_on: expiresOn, status } = body
  return {
    name,
    policies: policies.map(({ id, effect, permission_groups: groups, resources }) => ({
      ...(id === undefined ? {} : { id }),
      effect,
      permissionGroups: groups.map((group) => ({
        id: group.id,
        ...(group.meta === undefined ? {} : { meta: group.meta }),
      })),
      resources,
    })),
    condition: conditionDraft(condition),
    notBefore,
    expiresOn,
    status: status === 'expired' ? undefined : status,
  }
}

function conditionDraft(body: Static<typeof ConditionBody> | undefined): TokenCondition | undefined {
  const addresses = body?.request_ip ?? body?.['request.ip']
  if (addresses === undefined) return undefined
  const { in: addressesIn, not_in: addressesNotIn } = addresses
  return {
    ...(addressesIn === undefined ? {} : { addressesIn }),
    ...(addressesNotIn === undefined ? {} : { addressesNotIn }),
  }
}
