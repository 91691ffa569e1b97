/** RFC 8906 §3, §4: whoever asks in good form gets an answer, whatever is asked and by whatever transport. */

import assert from 'node:assert/strict'
import { test } from 'vitest'
import { OPCODE } from '../../src/dns/code.ts'
import { newMessage, readMessage } from '../../src/dns/message.ts'
import { writeMessage } from '../../src/dns/message-write.ts'
import { parseName } from '../../src/dns/name.ts'
import { NEEDS_NOTIFY, NEEDS_TRANSFER } from '../../src/protocol/answer.ts'
import { judgeNotify } from '../../src/protocol/notify.ts'
import { judgeTransfer } from '../../src/protocol/transfer-request.ts'
import { World } from '../answer/world.ts'

const NAMES = ['example.', 'www.example.', 'nothing.example.', 'sub.example.', 'elsewhere.test.', '.']
const TYPES = [...Array.from({ length: 300 }, (_, type) => type), 1000, 32_768, 65_280, 65_535]

test.each(['udp', 'tcp'] as const)('TR-13 by %s no well-formed question is met with silence', (transport) => {
  const world = new World()
  world.load('example.', '@ NS ns\nwww A 192.0.2.1\nsub NS ns.sub')
  world.configure('empty.test.')
  for (const name of [...NAMES, 'empty.test.'].map((text) => parseName(text))) {
    for (const type of TYPES) {
      for (const opcode of type === 6 ? Array.from({ length: 16 }, (_, code) => code) : [OPCODE.QUERY]) {
        const id = type ^ opcode
        const request = writeMessage(newMessage({ id, opcode, rd: true, questions: [{ name, type, class: 1 }] }))
        const answer = answerOf(world.respond(request, transport), request, transport)
        assert.deepEqual([answer.id, answer.opcode, answer.rd, answer.qr], [id, opcode, true, true])
      }
    }
  }
})

/** The answer to a request; those that are judged elsewhere are judged as if nobody were allowed anything. */
function answerOf(answer: Uint8Array | number, request: Uint8Array, transport: 'udp' | 'tcp') {
  if (typeof answer !== 'number') return readMessage(answer)
  const decide = () => ({ allowed: false, why: 'address not allowed' }) as const
  if (answer === NEEDS_NOTIFY) {
    const verdict = judgeNotify(request, { zoneOf: (apex) => apex, decide })
    assert(verdict.type === 'refused')
    return readMessage(writeMessage(verdict.response))
  }
  assert.equal(answer, NEEDS_TRANSFER, 'silence')
  const zoneOf = () => ({ state: 'serving', serial: undefined }) as const
  const verdict = judgeTransfer(request, { transport, zoneOf, decide, takePlace: () => false })
  assert(verdict.type === 'refused')
  return readMessage(writeMessage(verdict.response))
}
