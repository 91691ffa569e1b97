import { afterAll, beforeAll, expect, test } from 'vitest'
import { message, question, RCODE, TYPE } from '../hostile/message.ts'
import { rcodeOf } from '../hostile/scene.ts'
import { Signature } from '../hostile/signature.ts'
import { exchange } from '../interop/ask.ts'
import type { TransferKey } from '../interop/peers/kind.ts'
import { Twinzone } from '../interop/twinzone.ts'

let ours: Twinzone

beforeAll(async () => {
  ours = await Twinzone.start({
    config: {
      httpTrustedProxies: ['127.0.0.1'],
      rateLimit: { requests: 40, seconds: 3600 },
      authKeys: true,
      history: { auditDays: 30 },
    },
  })
}, 60_000)
afterAll(() => ours.remove())

const ZONE_READ = 'c8fed203ed3043cba015a93ad1616f1f'
const ALL_ZONES = { 'com.cloudflare.api.account.zone.*': '*' }

interface Issued {
  readonly id: string
  readonly value: string
}

const token = (more: object): object => ({
  name: 'test',
  policies: [{ effect: 'allow', permission_groups: [{ id: ZONE_READ }], resources: ALL_ZONES }],
  ...more,
})

const IN_ORDER = { concurrent: false }

const ask = (path: string, headers: Record<string, string>) => fetch(`${ours.url}${path}`, { headers })

test('tokens, users and the audit log are there after a restart', IN_ORDER, async () => {
  const condition = { request_ip: { in: ['198.51.100.0/24'] } }
  const made = await ours.api<Issued>('POST', '/client/v4/user/tokens', token({ condition }))
  const { id } = await ours.api<{ id: string }>('GET', '/client/v4/user')
  const { email, api_key: key } = await ours.api<{ email: string; api_key: string }>('POST', '/api/v1/user/api_key')
  await ours.stop()
  await ours.start()
  const authorization = `Bearer ${made.value}`
  const inside = await ask('/client/v4/zones', { authorization, 'x-forwarded-for': '198.51.100.7' })
  expect(inside.status).toBe(200)
  expect(inside.headers.get('x-ratelimit-limit')).toBe('40')
  expect((await ask('/client/v4/zones', { authorization })).status).toBe(403)
  const user = await ask('/client/v4/user', { 'x-auth-email': email, 'x-auth-key': key })
  expect(((await user.json()) as { result: { id: string } }).result.id).toBe(id)
  const lines = await ours.api<{ action: string; user_id: string }[]>('GET', '/api/v1/audit?limit=2')
  expect(lines.map(({ action, user_id }) => [action, user_id])).toEqual([
    ['user.update', id],
    ['token.create', id],
  ])
})

test('keys of one name in two accounts each sign for themselves', IN_ORDER, async () => {
  const keyOf = (fill: number): TransferKey => ({
    name: 'shared',
    algorithm: 'hmac-sha256',
    secret: Buffer.alloc(32, fill).toString('base64'),
  })
  const { id } = await ours.api<{ id: string }>('POST', '/client/v4/accounts', { name: 'Other' })
  const [first, second] = [keyOf(1), keyOf(2)]
  const body = (key: TransferKey) => ({ name: 'shared.', algo: 'hmac-sha256.', secret: key.secret })
  await ours.api('POST', `/client/v4/accounts/${await ours.account()}/secondary_dns/tsigs`, body(first))
  await ours.api('POST', `/client/v4/accounts/${id}/secondary_dns/tsigs`, body(second))
  const signed = (key: TransferKey) =>
    new Signature(key).sign(message({ id: 7, flags: 0, question: question('nothing.test.', TYPE.SOA) }))
  const rcode = async (key: TransferKey) => rcodeOf(await exchange(ours.endpoint, signed(key)))
  expect([await rcode(first), await rcode(second), await rcode(keyOf(3))]).toEqual([
    RCODE.REFUSED,
    RCODE.REFUSED,
    RCODE.NOTAUTH,
  ])
})

test('CF-015: what is too much is refused, counted and logged once', IN_ORDER, async () => {
  const { value } = await ours.api<Issued>('POST', `/client/v4/accounts/${await ours.account()}/tokens`, token({}))
  const statuses = new Map<number, number>()
  for (let at = 0; at < 43; at++) {
    const { status, headers } = await ask('/client/v4/zones', { authorization: `Bearer ${value}` })
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(3000)
  }
  expect(statuses).toEqual(
    new Map([
      [200, 40],
      [429, 3],
    ]),
  )
  expect(await (await fetch(`${ours.url}/metrics`)).text()).toContain(
    'twinzone_api_errors_total{code="rate-limited"} 3',
  )
  expect(ours.events().filter(({ msg }) => msg === 'api.limited')).toHaveLength(1)
})
