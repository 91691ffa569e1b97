import { expect, test } from 'vitest'
import { openWorld, TOKEN } from './world.ts'

const UUIDISH = /^[0-9a-f]{32}$/

async function ask(headers: Record<string, string>, path = '/client/v4/zones') {
  const { api } = await openWorld()
  const answer = await api.inject({ url: path, headers })
  return { status: answer.statusCode, body: answer.json() }
}

test('CF-005: a bearer token opens every door', async () => {
  for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `Bearer  ${TOKEN}`])
    expect((await ask({ authorization })).status).toBe(200)
  expect((await ask({ authorization: `Bearer ${TOKEN}` }, '/api/v1/status')).status).toBe(200)
})

test('CF-006: key and e-mail are recognised, and refused with the code that clients explain', async () => {
  const key = '144c9defac04969c7bfad8efaa8ea194'
  const email = 'someone@example.org'
  const refusals: readonly (readonly [Record<string, string>, number, number, number | undefined])[] = [
    [{ 'x-auth-key': key, 'x-auth-email': email }, 403, 9103, undefined],
    [{ 'x-auth-key': 'short', 'x-auth-email': email }, 400, 6003, 6103],
    [{ 'x-auth-key': key, 'x-auth-email': 'nobody' }, 400, 6003, 6102],
    [{ 'x-auth-email': email }, 400, 6003, 6103],
    [{ 'x-auth-key': key }, 400, 6003, 6102],
  ]
  for (const [headers, status, code, chained] of refusals) {
    const { status: seen, body } = await ask(headers)
    expect([seen, body.errors[0].code, body.errors[0].error_chain?.[0].code]).toEqual([status, code, chained])
  }
})

test('CF-007: a service key is refused cleanly', async () => {
  const { status, body } = await ask({ 'x-auth-user-service-key': 'v1.0-144c9defac04969c7bfad8ef' })
  expect([status, body.errors[0].code]).toEqual([403, 9104])
})

test('CF-008: without credentials the answer is 400 with code 9106', async () => {
  for (const path of ['/client/v4/zones', '/client/v4/nothing', '/api/v1/status']) {
    const { status, body } = await ask({}, path)
    expect([status, body.errors[0].code, body.success]).toEqual([400, 9106, false])
  }
})

test('CF-009: a wrong token is 403 with code 10000', async () => {
  for (const secret of ['x', `${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase()]) {
    const { status, body } = await ask({ authorization: `Bearer ${secret}` })
    expect([status, body.errors[0].code]).toEqual([403, 10_000])
  }
})

test('an Authorization header of another kind is 400 with code 6003 and says what is wrong with it', async () => {
  for (const authorization of ['Bearer', 'Basic YWRtaW46YWRtaW4=', TOKEN, '']) {
    const { status, body } = await ask({ authorization })
    expect([status, body.errors[0].code, body.errors[0].error_chain]).toEqual([
      400,
      6003,
      [{ code: 6111, message: 'invalid format for Authorization header' }],
    ])
  }
})

test('CF-150: verifying a token tells its id and status, and message 10000', async () => {
  const { call, accountId } = await openWorld()
  for (const path of ['/user/tokens/verify', `/accounts/${accountId}/tokens/verify`]) {
    const { body } = await call('GET', path)
    expect(body).toEqual({
      result: { id: expect.stringMatching(UUIDISH), status: 'active' },
      success: true,
      errors: [],
      messages: [{ code: 10_000, message: 'This API Token is valid and active', type: null }],
    })
  }
})

test('the user is the administrator of the account', async () => {
  const { call, accountId } = await openWorld()
  const { body } = await call('GET', '/user')
  expect(body.result).toMatchObject({ id: expect.stringMatching(UUIDISH), organizations: [{ id: accountId }] })
})

test('the account lists and shows itself', async () => {
  const { call, accountId } = await openWorld()
  const { body } = await call('GET', '/accounts')
  expect(body.result).toEqual([
    {
      id: accountId,
      name: 'Default account',
      type: 'standard',
      settings: { enforce_twofactor: false },
      created_on: '2026-04-05T12:00:00.000000Z',
    },
  ])
  expect(body.result_info).toEqual({ page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1 })
  expect((await call('GET', `/accounts/${accountId}`)).body.result).toEqual(body.result[0])
  expect((await call('GET', '/accounts?page=2')).body.result).toEqual([])
  expect((await call('GET', '/accounts?name=other')).body.result).toEqual([])
})

test('probes need no token', async () => {
  const { api, runtime } = await openWorld()
  expect((await api.inject('/livez')).body).toBe('ok\n')
  expect((await api.inject('/readyz')).statusCode).toBe(200)
  expect((await api.inject('/metrics')).body).toBe('twinzone_up 1\n')
  runtime.waitingFor = ['stored zones', 'listeners']
  const waiting = await api.inject('/readyz')
  expect([waiting.statusCode, waiting.body]).toEqual([503, 'waiting for stored zones\nwaiting for listeners\n'])
})

test('the IONOS face has no routes yet, and says so in its own words', async () => {
  const { api } = await openWorld()
  const answer = await api.inject('/ionos/zones')
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toEqual({ httpStatus: 404, messages: [{ errorCode: 'paas-route-1', message: 'not found' }] })
})
