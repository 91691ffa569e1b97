import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { askSerial, exchange } from '../interop/ask.ts'
import { Twinzone } from '../interop/twinzone.ts'
import type { TransferKey } from '../interop/peers/kind.ts'
import { waitFor } from '../interop/wait.ts'
import { message, question, RCODE, TYPE } from '../hostile/message.ts'
import { honest, ScriptedPrimary } from '../hostile/primary.ts'

let ours: Twinzone
let count = 0

beforeAll(async () => {
  ours = await Twinzone.start({ config: { limits: { checkSeconds: 1, checkTries: 1, transferIdleSeconds: 1 } } })
}, 60_000)
afterAll(() => ours.remove())

interface Zone {
  readonly name: string
  readonly status: string
}

const keyNamed = (name: string, fill: number): TransferKey => ({
  name,
  algorithm: 'hmac-sha256',
  secret: Buffer.alloc(32, fill).toString('base64'),
})

/** A zone with one primary, told by the API step by step. */
async function scene({ onTestFinished }: TestContext, key?: TransferKey) {
  const apex = `changes${++count}.test.`
  const state = { serial: 1 }
  const primary = async (with_?: TransferKey): Promise<ScriptedPrimary> => {
    const script = honest(apex, () => state)
    const one = await ScriptedPrimary.start(script, with_ === undefined ? {} : { key: with_ })
    onTestFinished(() => one.remove())
    return one
  }
  const first = await primary(key)
  const keyId = key && (await ours.addKey(key))
  const peerId = await ours.addPeer({ endpoint: first.endpoint, ...(keyId === undefined ? {} : { keyId }) })
  const zoneId = await ours.addZone({ apex, peerIds: [peerId] })
  await ours.waitForSerial(apex, { serial: 1 })
  const peers = `/client/v4/accounts/${await ours.account()}/secondary_dns/peers`
  const tsigs = `/client/v4/accounts/${await ours.account()}/secondary_dns/tsigs`
  return { apex, state, primary, first, keyId, peerId, zoneId, peers, tsigs }
}

test('a zone is pending until it has come, and active from then on', async (context) => {
  const { zoneId } = await scene(context)
  const status = async () => (await ours.api<Zone>('GET', `/client/v4/zones/${zoneId}`)).status
  await waitFor('an active zone', async () => ((await status()) === 'active' ? true : undefined))
})

test('a peer that moves is followed at its new address, at once', async (context) => {
  const { apex, state, primary, first, peerId, peers } = await scene(context)
  const second = await primary()
  state.serial = 2
  const { address: ip, port } = second.endpoint
  const asked = first.queries.length
  await ours.api('PUT', `${peers}/${peerId}`, { name: 'moved', ip, port, ixfr_enable: true })
  await ours.waitForSerial(apex, { serial: 2 })
  expect(second.asked(TYPE.SOA).length).toBeGreaterThan(0)
  expect(first.queries.length, 'nobody asked where it was before').toBe(asked)
})

test('CF-045: a key that changes its secret is used with the new one from then on', async (context) => {
  const key = keyNamed('changing.test', 1)
  const { apex, state, first, keyId, zoneId, tsigs } = await scene(context, key)
  const changed = keyNamed('changing.test', 2)
  first.useKey(changed)
  state.serial = 2
  await ours.forceTransfer(zoneId)
  await ours.waitForTransfer(zoneId, { outcome: 'failed' })
  expect(await askSerial(ours.endpoint, apex), 'the version before stays').toBe(1)
  await ours.api('PUT', `${tsigs}/${keyId}`, { name: `${key.name}.`, algo: 'hmac-sha256.', secret: changed.secret })
  await ours.waitForSerial(apex, { serial: 2 })
  expect((await first.notify(ours.endpoint, apex, { key: changed }))?.readUInt16BE(2)).toBe(0xa400)
})

test('a zone that loses its incoming configuration is served on, and follows again when it has one', async (context) => {
  const { apex, state, first, peerId, zoneId } = await scene(context)
  await ours.api('DELETE', `/client/v4/zones/${zoneId}/secondary_dns/incoming`)
  const asked = first.queries.length
  expect(await askSerial(ours.endpoint, apex)).toBe(1)
  const forced = await ours.fetch('POST', `/client/v4/zones/${zoneId}/secondary_dns/force_axfr`)
  expect(forced.status).toBe(400)
  expect(first.queries.length).toBe(asked)
  state.serial = 2
  await ours.setIncoming(zoneId, { apex, peerIds: [peerId] }, 'POST')
  await ours.waitForSerial(apex, { serial: 2 })
})

test('CF-051, CF-066: an ACL lets its network notify as soon as it is there, and no longer than it is', async (context) => {
  const { apex, first } = await scene(context)
  const acls = `/client/v4/accounts/${await ours.account()}/secondary_dns/acls`
  const octets = message({ id: 3, flags: 0x2400, question: question(apex, TYPE.SOA) })
  const notified = async (): Promise<number> => {
    const answer = await exchange(ours.endpoint, octets, { from: '127.0.7.7', timeoutMs: 5000 })
    return (answer?.readUInt16BE(2) ?? 0) & 15
  }
  expect(await notified()).toBe(RCODE.REFUSED)
  const { id } = await ours.api<{ id: string }>('POST', acls, { name: 'seven', ip_range: '127.0.7.0/24' })
  const asked = first.asked(TYPE.SOA).length
  expect(await notified()).toBe(RCODE.NOERROR)
  await first.waitForQuery(TYPE.SOA, { count: asked + 1 })
  await ours.api('DELETE', `${acls}/${id}`)
  expect(await notified()).toBe(RCODE.REFUSED)
})
