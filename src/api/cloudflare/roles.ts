/**
 * The roles that users have in accounts. A user may do everything in an account or nothing, so there are two: that of the
 * administrator, who also says who is in an account, and that of everybody else. Names and ids are Cloudflare's.
 */

import Type, { type Static } from 'typebox'
import type { User } from '../../store/objects.ts'

const Grant = Type.Object({ read: Type.Boolean(), edit: Type.Boolean() })

export const RoleObject = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  permissions: Type.Object({
    analytics: Grant,
    dns_records: Grant,
    organization: Grant,
    zone_settings: Grant,
    zones: Grant,
  }),
})

type Role = Static<typeof RoleObject>

const all = { read: true, edit: true }
const permissions = { analytics: all, dns_records: all, organization: all, zone_settings: all, zones: all }

const SUPER_ADMINISTRATOR: Role = {
  id: '33666b9c79b9a5273fc7344ff42f953d',
  name: 'Super Administrator - All Privileges',
  description: 'May do everything in all accounts, and says who else is in them.',
  permissions,
}

const ADMINISTRATOR: Role = {
  id: '05784afa30c1afe1440e79d9351c7430',
  name: 'Administrator',
  description: 'May do everything in the account, but say who else is in it.',
  permissions: { ...permissions, organization: { read: true, edit: false } },
}

export const ROLES: readonly Role[] = [SUPER_ADMINISTRATOR, ADMINISTRATOR]

/** What a user is in each of their accounts. */
export const roleOf = ({ accountIds }: User): Role => (accountIds === 'all' ? SUPER_ADMINISTRATOR : ADMINISTRATOR)
