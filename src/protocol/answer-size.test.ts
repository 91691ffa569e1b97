import { describe, expect, test } from 'vitest'
import { World } from '../../test/answer/world.ts'

describe('sizes', () => {
  const many = (count: number, line: (n: number) => string): World => {
    const world = new World()
    world.load('example.', `@ NS ns1\n${Array.from({ length: count }, (_, n) => line(n)).join('\n')}`)
    return world
  }

  test('MB-15 an RRset that does not fit is left out whole, and TC says so', () => {
    const world = many(40, (n) => `www A 192.0.2.${n}`)
    expect(world.ask('www.example. A')).toMatchObject({ rcode: 'NOERROR', flags: 'aa tc', answer: [] })
    expect(world.ask('www.example. A', { size: 1232 })).toMatchObject({ flags: 'aa' })
    expect(world.ask('www.example. A', { tcp: true }).answer).toHaveLength(40)
  })

  test('MB-15 of a chain the part that fits stays', () => {
    const world = many(40, (n) => `www A 192.0.2.${n}`)
    world.change('example.', '', 'alias CNAME www')
    expect(world.ask('alias.example. A')).toMatchObject({
      flags: 'aa tc',
      answer: ['alias.example. 3600 CNAME www.example.'],
    })
  })

  test('MB-15 an RRset whose signatures do not fit is left out with them', () => {
    const world = many(20, (n) => `www A 192.0.2.${n}`)
    const line = `RRSIG A 13 2 3600 20300101000000 20200101000000 1 example. ${'A'.repeat(240)}`
    world.change('example.', '', `www ${line}`)
    expect(world.ask('www.example. A', { size: 512 })).toMatchObject({ flags: 'aa' })
    expect(world.ask('www.example. A', { size: 512, do: true })).toMatchObject({ flags: 'aa tc', answer: [] })
    expect(world.ask('www.example. A', { size: 1232, do: true }).answer).toHaveLength(21)
  })

  test('MB-15 addresses out of courtesy never truncate', () => {
    const world = many(12, (n) => `@ MX 10 m${n}\nm${n} A 192.0.2.${n}\nm${n} AAAA 2001:db8::${n}`)
    const { flags, answer, additional } = world.ask('example. MX')
    expect([flags, answer.length]).toEqual(['aa', 12])
    expect(additional.length).toBeGreaterThan(0)
    expect(additional.length).toBeLessThan(24)
  })

  test('MB-15 a denial whose SOA does not fit is truncated', () => {
    const label = 'a'.repeat(63)
    const apex = `${label}.${label}.${label}.`
    const world = new World()
    world.load(apex, '@ IN SOA ns1 hostmaster 1 2 3 4 5\n@ NS ns1')
    expect(world.ask(`x.${apex} A`)).toMatchObject({ rcode: 'NXDOMAIN', flags: 'aa tc', authority: [] })
    expect(world.ask(`x.${apex} A`, { size: 1232 })).toMatchObject({ rcode: 'NXDOMAIN', flags: 'aa' })
  })

  test('MB-16 an answer by UDP is no larger than 512 octets, the size the client tells, and our own limit', () => {
    const world = many(
      200,
      (n) => `t${n} TXT "${'x'.repeat(n)}"\n` + Array.from({ length: n }, (_, k) => `a${n} A 192.0.2.${k}`).join('\n'),
    )
    for (let n = 1; n < 200; n++) {
      for (const [size, most] of [
        [undefined, 512],
        [100, 512],
        [512, 512],
        [800, 800],
        [1232, 1232],
        [4096, 1232],
        [65_535, 1232],
      ] as const) {
        const { octets, flags, answer } = world.ask(`a${n}.example. A`, size === undefined ? {} : { size })
        expect(octets.length).toBeLessThanOrEqual(most)
        expect(flags.includes('tc')).toBe(answer.length === 0)
      }
    }
  })

  test('MB-16 our own limit can be lower or higher', () => {
    const world = new World({ udpSizeMax: 600 })
    world.load('example.', `@ NS ns1\n${Array.from({ length: 40 }, (_, n) => `www A 192.0.2.${n}`).join('\n')}`)
    expect(world.ask('www.example. A', { size: 1232 })).toMatchObject({ flags: 'aa tc', edns: { udpSize: 600 } })
  })

  test('an owner beyond the reach of a pointer is written in full', () => {
    const host = (n: number): string => `host-${n}-${'y'.repeat(50)}.sub`
    const world = many(300, (n) => `sub NS ${host(n)}\n${host(n)} A 192.0.2.1`)
    const { octets, authority, additional } = world.ask('sub.example. A', { tcp: true })
    expect([authority.length, additional.length, octets.length > 0x4000]).toEqual([300, 300, true])
    const owners = new Set(additional.map((line) => line.split(' ')[0]))
    expect(owners).toEqual(new Set(authority.map((line) => line.split(' ')[3])))
  })
})
