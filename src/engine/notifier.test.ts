import { expect, test } from 'vitest'
import { settle, VirtualClock } from '../../test/doubles/virtual-clock.ts'
import { toSerial } from '../dns/serial.ts'
import { outgoingReason, type OutgoingReason } from '../protocol/outgoing-reason.ts'
import type { Outgoing, Peer } from '../store/objects.ts'
import { loadConfig } from './config.ts'
import { noLog } from './log.ts'
import { Notifier } from './notifier.ts'
import type { NotifyPort, NotifyRequest } from './notify-port.ts'

const UNANSWERED = outgoingReason('notify-unanswered', { seconds: 3 })

/** A network whose answers the test decides on. */
class Pretended implements NotifyPort {
  readonly sent: (NotifyRequest & { answer: (reason?: OutgoingReason) => void })[] = []

  send(request: NotifyRequest): Promise<OutgoingReason | undefined> {
    return new Promise((answer) => this.sent.push({ ...request, answer }))
  }

  get addresses(): string[] {
    return this.sent.map(({ endpoint }) => endpoint.address)
  }
}

function scene({ peers = 1, limits = {} }: { peers?: number; limits?: object } = {}) {
  const clock = new VirtualClock(1_000_000)
  const port = new Pretended()
  const settings = loadConfig({ environment: {} })
  const objects = new Map(
    Array.from({ length: peers }, (_, at): [string, Peer] => {
      const peer = {
        id: `p${at}`,
        accountId: 'a',
        name: `peer ${at}`,
        ip: `192.0.2.${at + 1}`,
        port: 0,
        ixfrEnable: true,
      }
      return [peer.id, peer]
    }),
  )
  const state = { serial: 1, enabled: true, peers: [...objects.keys()] }
  const outgoing = (zoneId: string): Outgoing => ({
    zoneId,
    name: `${zoneId}.`,
    peers: state.peers,
    enabled: state.enabled,
    soaSerial: 0,
    createdTime: '',
    checkedTime: '',
    lastTransferredTime: '',
  })
  const outcomes: string[] = []
  const notifier = new Notifier({
    clock,
    port,
    objects: { outgoing, peer: (id) => objects.get(id), tsig: () => undefined },
    soaOf: () => ({ serial: toSerial(state.serial), ttl: 3600, rdata: new Uint8Array(22) }),
    settings: { ...settings, limits: { ...settings.limits, ...limits } },
    outcome: (code) => outcomes.push(code),
    log: noLog,
  })
  const add = (id: string) => notifier.add({ id, name: id })
  const phaseOf = (zoneId: string, peerId = 'p0') => notifier.peersOf(zoneId)?.get(peerId)?.machine.phase.type
  return { clock, port, notifier, state, objects, outcomes, add, phaseOf }
}

test('CF-033, CF-092: after a start every peer is told once, and then of every change', async () => {
  const { clock, port, notifier, state, add, outcomes } = scene({ peers: 2 })
  add('one')
  expect(port.addresses).toEqual(['192.0.2.1', '192.0.2.2'])
  expect(port.sent[0]).toMatchObject({ endpoint: { port: 53 }, transport: 'udp' })
  for (const each of port.sent) each.answer()
  await settle()
  expect(outcomes).toEqual(['told', 'told'])
  state.serial = 2
  notifier.changed('one')
  notifier.changed('one')
  expect(port.sent).toHaveLength(2)
  await clock.run(clock.now() + 100)
  expect(port.sent).toHaveLength(4)
})

test('CF-090, CF-092: a peer without an address is told nothing, of changes or on demand', async () => {
  const { clock, port, notifier, state, objects, add } = scene({ peers: 2 })
  objects.set('p0', { ...(objects.get('p0') as Peer), ip: '' })
  add('one')
  port.sent[0]?.answer()
  await settle()
  state.serial = 2
  notifier.changed('one')
  await clock.run(clock.now() + 100)
  port.sent[1]?.answer()
  await settle()
  notifier.force('one')
  expect(port.addresses).toEqual(['192.0.2.2', '192.0.2.2', '192.0.2.2'])
})

test('NT-11: a change after quiet is told before anything else happens, and a burst after it once', async () => {
  const { clock, port, notifier, state, add } = scene()
  add('one')
  port.sent[0]?.answer()
  await clock.run(clock.now() + 100)
  for (let edit = 0; edit < 50; edit++) {
    state.serial++
    notifier.changed('one')
    expect(port.sent).toHaveLength(2)
  }
  port.sent[1]?.answer()
  await clock.run(clock.now() + 10_000)
  expect(port.sent).toHaveLength(3)
  port.sent[2]?.answer()
  await settle()
  const machine = notifier.peersOf('one')?.get('p0')?.machine
  expect(machine?.told, 'the last one of the burst').toMatchObject({ serial: state.serial, failure: undefined })
})

test('a peer that is new to a zone is told at once; one that is taken off is told no more', async () => {
  const { clock, port, notifier, state, objects, add } = scene({ peers: 2 })
  state.peers = ['p0']
  add('one')
  state.peers = ['p0', 'p1']
  notifier.configure('one')
  expect(port.addresses).toEqual(['192.0.2.1', '192.0.2.2'])
  state.peers = ['p1']
  notifier.configure('one')
  expect(port.sent.map(({ signal }) => signal.aborted)).toEqual([true, false])
  objects.set('p1', { ...(objects.get('p1') as Peer), port: 5353 })
  notifier.configure('one')
  expect(port.sent.at(-1)?.endpoint, 'it is told where it is now').toEqual({ address: '192.0.2.2', port: 5353 })
  state.enabled = false
  notifier.configure('one')
  state.serial = 2
  notifier.changed('one')
  await clock.run(clock.now() + 1000)
  expect(port.sent).toHaveLength(3)
})

test('a dead peer holds up nobody but itself', async () => {
  const { port, add, phaseOf } = scene({ peers: 2, limits: { notifiesOut: 10, notifiesOutPerPeer: 2 } })
  for (let zone = 0; zone < 5; zone++) add(`zone${zone}`)
  const toLiving = () => port.sent.filter(({ endpoint }) => endpoint.address === '192.0.2.2')
  for (let answered = 0; answered < 5; answered++) {
    toLiving()[answered]?.answer()
    await settle()
  }
  expect(toLiving()).toHaveLength(5)
  expect(port.sent.length - toLiving().length, 'as many as one peer may have').toBe(2)
  expect(phaseOf('zone4', 'p1')).toBe('resting')
  const toDead = port.sent.filter(({ endpoint }) => endpoint.address === '192.0.2.1')
  for (const each of toDead) each.answer(UNANSWERED)
  await settle()
  expect(phaseOf('zone0')).toBe('pausing')
  expect(port.sent.filter(({ endpoint }) => endpoint.address === '192.0.2.1')).toHaveLength(4)
})

test('a newer version takes the place of one that waits for its turn', async () => {
  const { clock, port, notifier, state, add } = scene({ limits: { notifiesOutPerPeer: 1 } })
  add('busy')
  add('one')
  state.serial = 2
  notifier.changed('one')
  await clock.run(clock.now() + 100)
  expect(port.sent, 'the busy one has the place').toHaveLength(1)
  port.sent[0]?.answer()
  await settle()
  expect(port.sent).toHaveLength(2)
  port.sent[1]?.answer()
  await settle()
  expect(notifier.peersOf('one')?.get('p0')?.machine.told).toMatchObject({ serial: 2 })
  expect(port.sent).toHaveLength(2)
})

test('nothing is sent for a zone that is gone, or after the end', async () => {
  const { clock, port, notifier, state, add } = scene()
  add('one')
  add('two')
  notifier.remove('one')
  expect(port.sent[0]?.signal.aborted).toBe(true)
  notifier.stop()
  expect(port.sent[1]?.signal.aborted).toBe(true)
  state.serial = 2
  for (const zone of ['one', 'two']) notifier.changed(zone)
  await clock.run(clock.now() + 10_000)
  expect(port.sent).toHaveLength(2)
})
