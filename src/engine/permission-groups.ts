/**
 * The permission groups: what a token can be allowed to do, one row each.
 *
 * Names and ids are Cloudflare's, so what was written for Cloudflare means the same here. A group that ends in "Write"
 * includes the one that ends in "Read".
 */

/** What kind of thing a group is about. */
export type GroupScope = 'zone' | 'account' | 'user'

interface GroupRow {
  readonly id: string
  readonly scope: GroupScope
  readonly category: string
}

const ROWS = {
  'Zone Read': { id: 'c8fed203ed3043cba015a93ad1616f1f', scope: 'zone', category: 'Zone' },
  'Zone Write': { id: 'e6d2666161e84845a636613608cee8d5', scope: 'zone', category: 'Zone' },
  'Zone Settings Read': { id: '517b21aee92c4d89936c976ba6e4be55', scope: 'zone', category: 'Zone' },
  'Zone Settings Write': { id: '3030687196b94b638145a3953da2b699', scope: 'zone', category: 'Zone' },
  'DNS Read': { id: '82e64a83756745bbbb1c9c2701bf816b', scope: 'zone', category: 'DNS' },
  'DNS Write': { id: '4755a26eedb94da69e1066d98aa820be', scope: 'zone', category: 'DNS' },
  'Zone DNS Settings Read': { id: '0a6cfe8cd3ed445e918579e2fb13087b', scope: 'zone', category: 'DNS' },
  'Zone DNS Settings Write': { id: 'c4df38be41c247b3b4b7702e76eadae0', scope: 'zone', category: 'DNS' },
  'Analytics Read': { id: '9c88f9c5bce24ce7af9a958ba9c504db', scope: 'zone', category: 'Analytics' },
  'Account Settings Read': { id: 'c1fde68c7bcc44588cbb6ddbc16d6480', scope: 'account', category: 'Account' },
  'Account Settings Write': { id: '1af1fa2adc104452b74a9a3364202f20', scope: 'account', category: 'Account' },
  'Account DNS Settings Read': { id: 'cfa964bcdafc4ab39704e7476154e41b', scope: 'account', category: 'DNS' },
  'Account DNS Settings Write': { id: 'dc44f27f48ab405392a5f69fe822bd01', scope: 'account', category: 'DNS' },
  'Notifications Read': { id: 'ce18edbdcebf465e9d6d1d2fc80ffd42', scope: 'account', category: 'Notifications' },
  'Notifications Write': { id: 'c3c847c5802d4ce3ba00e3e97b3c8555', scope: 'account', category: 'Notifications' },
  'Account API Tokens Read': { id: 'eb56a6953c034b9d97dd838155666f06', scope: 'account', category: 'API Tokens' },
  'Account API Tokens Write': { id: '5bc3f8b21c554832afc660159ab75fa4', scope: 'account', category: 'API Tokens' },
  'API Tokens Read': { id: '0cc3a61731504c89b99ec1be78b77aa0', scope: 'user', category: 'API Tokens' },
  'API Tokens Write': { id: '686d18d5ac6c441c867cbf6771e58a0a', scope: 'user', category: 'API Tokens' },
  'User Details Read': { id: '8acbe5bb0d54464ab867149d7f7cf8ac', scope: 'user', category: 'User' },
  'Memberships Read': { id: '3518d0f75557482e952c6762d3e64903', scope: 'user', category: 'User' },
} as const satisfies Record<string, GroupRow>

export type GroupName = keyof typeof ROWS

export interface PermissionGroup extends GroupRow {
  readonly name: GroupName
}

export const PERMISSION_GROUPS: readonly PermissionGroup[] = Object.entries(ROWS).map(([name, row]) => ({
  name: name as GroupName,
  ...row,
}))

const byId = new Map(PERMISSION_GROUPS.map((group) => [group.id, group]))

export const groupWithId = (id: string): PermissionGroup | undefined => byId.get(id)

export const groupNamed = (name: GroupName): PermissionGroup => ({ name, ...ROWS[name] })

/** The names of all groups about one kind of thing. */
export const groupsAbout = (scope: GroupScope): readonly GroupName[] =>
  PERMISSION_GROUPS.filter((group) => group.scope === scope).map(({ name }) => name)

/** The group that allows to change what this one allows to read. */
export function writeOf(name: GroupName): GroupName | undefined {
  const write = name.replace(/Read$/, 'Write')
  return write !== name && Object.hasOwn(ROWS, write) ? (write as GroupName) : undefined
}

/** The group that allows to read what this one allows to change. */
export function readOf(name: GroupName): GroupName | undefined {
  const read = name.replace(/Write$/, 'Read')
  return read !== name && Object.hasOwn(ROWS, read) ? (read as GroupName) : undefined
}
