import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chanceOf, type Chance } from '../../test/random-rdata.ts'
import { questionOf, World } from '../../test/answer/world.ts'
import { tries } from '../../test/tries.ts'
import { readMessage } from '../dns/message.ts'
import { NEEDS_NOTIFY, NEEDS_TRANSFER, NEEDS_TSIG, SILENCE } from './answer.ts'

const ZONE = `
@ NS ns1
@ NS ns.sub
ns1 A 192.0.2.1
www A 192.0.2.2
www TXT "${'x'.repeat(200)}" "${'y'.repeat(200)}"
c CNAME www
l CNAME l
d DNAME e
*.w MX 10 www
sub NS ns.sub
ns.sub A 192.0.2.3
a HTTPS 0 b
b HTTPS 1 .
${Array.from({ length: 60 }, (_, n) => `big A 192.0.2.${n}`).join('\n')}
`

function example(): World {
  const world = new World({ cookieSecrets: [new Uint8Array(16)] })
  world.load('example.', ZONE)
  world.configure('never.example.')
  return world
}

const NAMES = ['', 'www.', 'c.', 'l.', 'x.d.', 'q.w.', 'x.sub.', 'big.', 'a.', 'x.never.', 'nothing.']
const TYPES = ['A', 'NS', 'MX', 'SOA', 'ANY', 'HTTPS', 'TXT', 'DS', 'AXFR', 'TYPE128', 'CNAME']

/** A packet that was a good question before some octets were changed, cut off or added. */
function damaged(chance: Chance): Uint8Array {
  const name = NAMES[chance(NAMES.length)] as string
  const asking = chance(2) === 0 ? {} : { size: chance(3000), do: chance(2) === 0 }
  const options = [
    { code: 10, octets: new Uint8Array(chance(42)) },
    { code: chance(70_000) & 0xffff, octets: new Uint8Array(chance(9)) },
  ]
  const whole = questionOf(
    `${name}example. ${TYPES[chance(TYPES.length)]}`,
    chance(3) === 0 ? { ...asking, edns: { options } } : asking,
  )
  const packet = new Uint8Array(Math.max(0, whole.length + (chance(4) === 0 ? chance(60) - 40 : 0)))
  packet.set(whole.subarray(0, packet.length))
  for (let changes = chance(4); changes > 0 && packet.length > 0; changes--) {
    packet[chance(chance(2) === 0 ? packet.length : Math.min(packet.length, 12))] = chance(256)
  }
  return packet
}

/** What must hold for any packet at all. */
function check(world: World, request: Uint8Array, transport: 'udp' | 'tcp'): void {
  const answer = world.respond(request, transport)
  if (typeof answer === 'number') {
    const opcode = ((request[2] as number) >> 3) & 15
    if (answer === SILENCE) assert.ok(request.length < 12 || (request[2] as number) >= 0x80)
    else if (answer === NEEDS_NOTIFY) assert.equal(opcode, 4)
    else assert.ok(answer === NEEDS_TSIG || answer === NEEDS_TRANSFER)
    return
  }
  assert.ok(transport === 'tcp' || answer.length <= 1232)
  assert.deepEqual([answer[0], answer[1]], [request[0], request[1]])
  assert.equal((answer[2] as number) & 0xf9, 0x80 | ((request[2] as number) & 0x79))
  assert.equal((answer[3] as number) & 0xf0, 0)
  readMessage(answer)
}

describe('any octets', () => {
  test('are answered, refused or passed over in silence, and never throw', () => {
    const world = example()
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom('udp' as const, 'tcp' as const),
        (octets, transport) => {
          check(world, octets, transport)
          // The same behind a header that lets them be read as question and records.
          const request = Uint8Array.from([
            0x12,
            0x34,
            0,
            0,
            0,
            1,
            0,
            octets.length & 1,
            0,
            0,
            0,
            octets.length & 3,
            ...octets,
          ])
          check(world, request, transport)
        },
      ),
      { numRuns: tries(2000, 50_000) },
    )
  })

  test('that were a question once are too', () => {
    const world = example()
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = chanceOf(seed)
        for (let packet = 0; packet < 20; packet++) check(world, damaged(chance), packet % 2 === 0 ? 'udp' : 'tcp')
      }),
      { numRuns: tries(500, 20_000) },
    )
  })

  test('leave the next answer as it was', () => {
    const world = example()
    const before = world.ask('www.example. A').octets
    const chance = chanceOf(1)
    for (let packet = 0; packet < 1000; packet++) {
      world.respond(damaged(chance))
      assert.deepEqual(world.ask('www.example. A').octets, before)
    }
  })
})

describe('large and crafted messages', () => {
  /** A question for `www.example. A` with so many additional records, each of so many octets of owner. */
  function withRecords(count: number, owner: (n: number) => readonly number[]): Uint8Array {
    const octets = [...questionOf('www.example. A')]
    let records = 0
    for (; records < count && octets.length < 65_000; records++)
      octets.push(...owner(records), 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)
    octets[10] = records >> 8
    octets[11] = records & 255
    return Uint8Array.from(octets)
  }

  test('case 5 thousands of different names are stepped over', () => {
    const request = withRecords(5000, (n) => [3, n >> 8, n & 255, 0, 0])
    expect(example().send(request, 'tcp')).toMatchObject({
      rcode: 'NOERROR',
      answer: ['www.example. 3600 A 192.0.2.2'],
    })
  })

  test('case 5 MB-06 thousands of pointers are not followed', () => {
    const request = withRecords(5000, (n) => [
      0xc0 | ((29 + 12 * (n - 1)) >> 8),
      n === 0 ? 12 : (29 + 12 * (n - 1)) & 255,
    ])
    expect(example().send(request, 'tcp')).toBeDefined()
    const chain = withRecords(130, (n) =>
      n === 0 ? [0xc0, 12] : [0xc0 | ((29 + 12 * (n - 1)) >> 8), (29 + 12 * (n - 1)) & 255],
    )
    expect(example().send(chain)).toMatchObject({ rcode: 'NOERROR' })
  })

  test('case 10 a message of 65,535 octets of junk is FORMERR', () => {
    const world = example()
    const chance = chanceOf(3)
    for (let run = 0; run < 50; run++) {
      const request = Uint8Array.from({ length: 65_535 }, () => chance(256))
      request[2] = 0
      request[4] = 0
      request[5] = 1
      check(world, request, 'tcp')
    }
  })

  test('case 30 no question makes an answer of more than eighteen links, whatever loops there are', () => {
    const world = new World()
    world.load('example.', '@ NS ns1\na DNAME b.a\nb DNAME a\nc CNAME x.a\n*.w CNAME y.x.a\nd DNAME d.d\ne DNAME w')
    world.load('other.', '@ NS ns1\n@ DNAME example.')
    for (const name of ['x.a', 'x.b', 'c', 'q.w', 'x.d', 'x.y.z.a', 'q.e']) {
      for (const apex of ['example.', 'other.']) {
        const { rcode, answer } = world.ask(`${name}.${apex} A`, { tcp: true })
        const links = answer.filter((line) => line.includes(' CNAME '))
        expect(['NOERROR', 'NXDOMAIN', 'YXDOMAIN']).toContain(rcode)
        expect(links.length).toBeLessThanOrEqual(18)
      }
    }
  })

  test('case 50 an answer by UDP to a small question is no larger than our limit', () => {
    const world = example()
    for (const type of ['ANY', 'TXT', 'A', 'NS']) {
      for (const name of ['', 'www.', 'big.']) {
        expect(world.ask(`${name}example. ${type}`, { size: 65_535, do: true }).octets.length).toBeLessThanOrEqual(1232)
      }
    }
  })
})
