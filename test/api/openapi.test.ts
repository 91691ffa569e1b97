import { expect, test } from 'vitest'
import { openWorld } from './world.ts'

test('the document names every route of the face, with what it takes and what it answers', async () => {
  const { api } = await openWorld()
  const answered = await api.inject({ method: 'GET', url: '/client/v4/openapi.json' })
  expect(answered.statusCode).toBe(200)
  const document = answered.json<{ openapi: string; paths: Record<string, Record<string, unknown>> }>()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/zones', '/zones/{zone_id}', '/accounts/{account_id}/secondary_dns/peers/{id}']),
  )
  expect(document.paths['/zones']?.['post']).toMatchObject({
    requestBody: { content: { 'application/json': { schema: { properties: { name: { type: 'string' } } } } } },
    responses: { 200: { content: { 'application/json': { schema: { properties: { result: { type: 'object' } } } } } } },
  })
  expect(document.paths['/openapi.json']).toBeUndefined()
})
