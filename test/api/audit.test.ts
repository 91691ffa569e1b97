/** What lines about records show, and to whom: contents are for those who may read them in the zone. */

import { expect, test } from 'vitest'
import { groupNamed, type GroupName } from '../../src/engine/permission-groups.ts'
import { openEditedWorld } from './edited-world.ts'

const ZONE = 'com.cloudflare.api.account.zone.'

interface Policy {
  readonly effect?: 'allow' | 'deny'
  readonly groups: readonly GroupName[]
  readonly on?: string
}

interface Line {
  readonly action: string
  readonly zone_id: string
  readonly user_id: string
  readonly object: Readonly<Record<string, unknown>>
}

/** A zone whose one record was made, changed and removed, and a file imported into it. */
async function scene() {
  const world = await openEditedWorld()
  const { call, path, zoneId, accountId, made } = world
  const { id } = await made({ type: 'TXT', name: 'key', content: '"hush"', comment: 'of the vault' })
  await call('PATCH', `${path}/${id}`, { content: '"softly"' })
  await call('DELETE', `${path}/${id}`)
  await call('POST', `${path}/import`, undefined, { payload: 'www 300 IN A 192.0.2.1\n' })
  // Edits of zones in tests have no store of their own.
  await world.store.change(world.runtime.edited.changes)
  const { id: user } = (await call('GET', '/user')).body.result
  /** The lines about records of the zone, as a token of the account with these policies sees them. */
  const auditor = async (...policies: readonly Policy[]) => {
    const body = {
      name: 'auditor',
      policies: [{ groups: ['Account Settings Read'] as const }, ...policies].map(({ groups, ...policy }: Policy) => ({
        effect: policy.effect ?? 'allow',
        permission_groups: groups.map((name) => ({ id: groupNamed(name).id })),
        resources: { [policy.on ?? `com.cloudflare.api.account.${accountId}`]: '*' },
      })),
    }
    const token = (await call('POST', `/accounts/${accountId}/tokens`, body)).body.result.value as string
    const headers = { authorization: `Bearer ${token}` }
    return async (): Promise<readonly Line[]> => {
      const { body: answered } = await call('GET', `/api/v1/audit?zone=${zoneId}`, undefined, { headers })
      expect(answered.errors).toEqual([])
      return answered.result.filter(({ action }: Line) => action.startsWith('record.'))
    }
  }
  return { ...world, id: id as string, user: user as string, auditor }
}

const WITHHELD = (id: string) => {
  const known = { id, name: 'key.example.org', type: 'TXT' }
  return [
    { before: known, withheld: true },
    { before: known, after: known, withheld: true },
    { after: known, withheld: true },
  ]
}

test('an auditor who may not read the records of a zone sees who did what to which, and not what is in them', async () => {
  const { id, zoneId, user, auditor } = await scene()
  const look = await auditor()
  const [imported, ...lines] = await look()
  expect(imported).toMatchObject({ action: 'record.import', object: { recs_added: 1 } })
  expect(lines.map(({ action }) => action)).toEqual(['record.delete', 'record.update', 'record.create'])
  for (const line of lines) expect(line).toMatchObject({ zone_id: zoneId, user_id: user })
  expect(lines.map(({ object }) => object)).toEqual(WITHHELD(id))
  expect(JSON.stringify(lines)).not.toMatch(/hush|softly|vault/)
})

test.each<[string, (zoneId: string) => readonly Policy[], shown: boolean]>([
  ['DNS Read on the zone', (zoneId) => [{ groups: ['DNS Read'], on: ZONE + zoneId }], true],
  ['DNS Write on the zone', (zoneId) => [{ groups: ['DNS Write'], on: ZONE + zoneId }], true],
  ['DNS Read on all zones', () => [{ groups: ['DNS Read'], on: `${ZONE}*` }], true],
  ['Zone Read on the zone', (zoneId) => [{ groups: ['Zone Read'], on: ZONE + zoneId }], false],
  [
    'DNS Read that is denied on the zone',
    (zoneId) => [{ groups: ['DNS Read'] }, { effect: 'deny', groups: ['DNS Read'], on: ZONE + zoneId }],
    false,
  ],
])('with %s contents are shown or not', async (_, policies, shown) => {
  const { zoneId, id, auditor } = await scene()
  const look = await auditor(...policies(zoneId))
  const [, removed, ...more] = await look()
  if (!shown) return expect([removed, ...more].map((line) => line?.object)).toEqual(WITHHELD(id))
  expect(removed?.object).toMatchObject({ before: { id, content: '"softly"', comment: 'of the vault' } })
  expect(JSON.stringify(more)).toContain('hush')
})

test('of a zone that is gone contents are shown to those who may read all zones of the account, and are denied none', async () => {
  const { call, zoneId, id, auditor } = await scene()
  const onThis = { groups: ['DNS Read'], on: ZONE + zoneId } as const
  const all = { groups: ['DNS Read'] } as const
  const looks = [await auditor(), await auditor(onThis), await auditor(all, { effect: 'deny', ...onThis })]
  const lookEverywhere = await auditor(all)
  await call('DELETE', `/zones/${zoneId}`)
  for (const look of looks) expect((await look()).slice(1).map(({ object }) => object)).toEqual(WITHHELD(id))
  expect(JSON.stringify(await lookEverywhere())).toMatch(/softly.*hush/)
})
