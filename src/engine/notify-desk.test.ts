import { strict as assert } from 'node:assert'
import { expect, test } from 'vitest'
import { OPCODE, RCODE } from '../dns/code.ts'
import { newMessage, readHeader } from '../dns/message.ts'
import { writeMessage } from '../dns/message-write.ts'
import { parseName } from '../dns/name.ts'
import { signRequest } from '../dns/tsig-sign.ts'
import { MemoryStore } from '../store/memory.ts'
import type { Tsig } from '../store/objects.ts'
import { hmac, tsigKey } from './keys.ts'
import { noLog } from './log.ts'
import { NotifyDesk } from './notify-desk.ts'
import type { Outcome } from './problem.ts'
import { openRegistry, type Registry } from './registry.ts'

const NOW = Date.UTC(2026, 3, 5, 12)
const SOA = 6
const IN = 1

function valueOf<T>(outcome: Outcome<T>): T {
  assert(outcome.type === 'done', JSON.stringify(outcome))
  return outcome.value
}

/** An account with a zone that is fetched from 192.0.2.1, signed with a key called `key.`. */
async function accountWith({ accounts, zones, tsigs, peers, incomings }: Registry, name: string, secret: string) {
  const { id } = valueOf(await accounts.create(name))
  const tsig = valueOf(await tsigs.create(id, { name: 'key.', algo: 'hmac-sha256.', secret }))
  const peer = valueOf(await peers.create(id, { name: 'primary', ip: '192.0.2.1', tsigId: tsig.id }))
  const zone = valueOf(await zones.create({ accountId: id, name, type: 'secondary' }))
  valueOf(await incomings.create(zone.id, { name, peers: [peer.id] }, { mixedKeys: false }))
  return { tsig, zone }
}

test('accounts may have keys of one name, and the key of one opens no zone of the other', async () => {
  const { registry } = await openRegistry({ store: new MemoryStore(), nameServers: ['a.', 'b.'], tsigMd5: false })
  const a = await accountWith(registry, 'a.example', 'c2VjcmV0IG9mIGE=')
  const b = await accountWith(registry, 'b.example', 'c2VjcmV0IG9mIGI=')
  const notified: string[] = []
  const desk = new NotifyDesk({
    registry,
    settings: { secondary: { notifySignature: 'required' } } as ConstructorParameters<typeof NotifyDesk>[0]['settings'],
    notified: (zoneId) => notified.push(zoneId),
    verdicts: { inc: () => {} },
    clock: { now: () => NOW },
    log: noLog,
  })
  const notify = (zone: string, tsig: Tsig) => {
    const questions = [{ name: parseName(`${zone}.`), type: SOA, class: IN }]
    const plain = writeMessage(newMessage({ id: 1, opcode: OPCODE.NOTIFY, questions }))
    const { octets } = signRequest(plain, tsigKey(tsig), { hmac, now: NOW })
    const answer = desk.judge({ octets, client: { address: '192.0.2.1', port: 53 }, transport: 'udp' })
    return answer && readHeader(answer).rcode
  }
  expect(notify('a.example', a.tsig)).toBe(RCODE.NOERROR)
  expect(notify('b.example', b.tsig)).toBe(RCODE.NOERROR)
  expect(notified).toEqual([a.zone.id, b.zone.id])
  expect(notify('b.example', a.tsig)).not.toBe(RCODE.NOERROR)
  expect(notify('a.example', b.tsig)).not.toBe(RCODE.NOERROR)
  expect(notified).toHaveLength(2)
})
