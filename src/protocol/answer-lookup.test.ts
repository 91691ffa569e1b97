import { describe, expect, test } from 'vitest'
import { World } from '../../test/answer/world.ts'

const SOA = 'example. 300 SOA ns1.example. hostmaster.example. 1 7200 3600 1209600 300'

const EXAMPLE = `
@           NS    ns1
@           NS    ns.elsewhere.test.
ns1         A     192.0.2.1
www         A     192.0.2.2
www         TYPE1000 \\# 2 abcd
a.b.c       TXT   "deep"
sub         NS    ns.sub
sub         NS    ns.other
sub         DS    1 13 2 ${'ab'.repeat(32)}
ns.sub      A     192.0.2.3
x.sub       TXT   "occluded"
deep.sub    NS    ns.sub
other       NS    ns.other
ns.other    A     192.0.2.4
ns.other    AAAA  2001:db8::4
`

function example(): World {
  const world = new World()
  world.load('example.', EXAMPLE)
  return world
}

describe('which zone', () => {
  test('LK-01 names below a child that is served too come from the child', () => {
    const world = new World()
    world.load('example.', '@ NS ns1\nchild NS ns1.child\nns1.child A 192.0.2.1\nwww.child A 192.0.2.99')
    world.load('child.example.', '@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.7')
    expect(world.ask('www.child.example. A').answer).toEqual(['www.child.example. 3600 A 192.0.2.7'])
    expect(world.ask('child.example. NS')).toMatchObject({
      flags: 'aa',
      answer: ['child.example. 3600 NS ns1.child.example.'],
    })
    expect(world.ask('nothing.child.example. A').authority[0]).toContain('child.example. 300 SOA')
  })

  test('LK-02 DS comes from the parent, even where the child is served too', () => {
    const ds = `child DS 1 13 2 ${'ab'.repeat(32)}`
    const parent = `@ NS ns1\nchild NS ns1.child\n${ds}\nns1.child A 192.0.2.1`
    const child = '@ NS ns1\nns1 A 192.0.2.1'
    const answer = [`child.example. 3600 DS 1 13 2 ${'ab'.repeat(32)}`]

    const both = new World()
    both.load('example.', parent)
    both.load('child.example.', child)
    expect(both.ask('child.example. DS')).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer })

    const parentOnly = new World()
    parentOnly.load('example.', parent)
    expect(parentOnly.ask('child.example. DS')).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer })
    expect(parentOnly.ask('child.example. A')).toMatchObject({ flags: '', answer: [] })
    expect(parentOnly.ask('x.child.example. DS')).toMatchObject({ flags: '', answer: [] })

    const childOnly = new World()
    childOnly.load('child.example.', `${child}\n@ DS 1 13 2 ${'ab'.repeat(32)}`)
    expect(childOnly.ask('child.example. DS')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: [],
      authority: ['child.example. 300 SOA ns1.child.example. hostmaster.child.example. 1 7200 3600 1209600 300'],
    })
  })

  test('LK-02 without a delegation in the parent, the parent denies the DS', () => {
    const world = new World()
    world.load('example.', '@ NS ns1')
    world.load('child.example.', '@ NS ns1')
    expect(world.ask('child.example. DS')).toMatchObject({ rcode: 'NXDOMAIN', authority: [SOA] })
  })

  test('MB-19 a name outside every zone is REFUSED, with the reason where EDNS allows', () => {
    const world = example()
    expect(world.ask('example.org. A')).toMatchObject({
      rcode: 'REFUSED',
      flags: '',
      answer: [],
      authority: [],
      additional: [],
    })
    expect(world.ask('. NS')).toMatchObject({ rcode: 'REFUSED', authority: [] })
    expect(world.ask('example.org. A', { size: 1232 }).edns?.options).toEqual([
      { code: 15, octets: Uint8Array.of(0, 20) },
    ])
  })

  test('MB-20 a zone that was never loaded or has expired answers SERVFAIL, not the zone above it', () => {
    const world = example()
    world.configure('never.example.')
    const expired = world.load('expired.example.', '@ NS ns1')
    world.writer.setState(expired, 'expired')
    for (const [name, code] of [
      ['www.never.example.', 14],
      ['never.example.', 14],
      ['www.expired.example.', 24],
    ] as const) {
      expect(world.ask(`${name} A`)).toMatchObject({ rcode: 'SERVFAIL', flags: '', answer: [], authority: [] })
      expect(world.ask(`${name} A`, { size: 1232 }).edns?.options).toEqual([
        { code: 15, octets: Uint8Array.of(0, code) },
      ])
    }
    world.writer.setState(expired, 'serving')
    expect(world.ask('expired.example. NS').flags).toBe('aa')
  })
})

describe('what is there', () => {
  test('LK-03 an exact match is answered with authority: known type, unknown type, NS and SOA of the apex', () => {
    const world = example()
    expect(world.ask('www.example. A')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: ['www.example. 3600 A 192.0.2.2'],
      authority: [],
    })
    expect(world.ask('www.example. TYPE1000').answer).toEqual(['www.example. 3600 TYPE1000 \\# 2 abcd'])
    expect(world.ask('example. NS')).toMatchObject({
      flags: 'aa',
      answer: ['example. 3600 NS ns.elsewhere.test.', 'example. 3600 NS ns1.example.'],
    })
    expect(world.ask('example. SOA')).toMatchObject({ flags: 'aa', answer: [SOA.replace(' 300 ', ' 3600 ')] })
  })

  test('MB-13 all records of an RRset have one TTL, the smallest, and none comes twice', () => {
    const world = new World()
    world.load('example.', '@ NS ns1\nwww 300 A 192.0.2.1\nwww 60 A 192.0.2.2\nwww 900 A 192.0.2.3\nwww 60 A 192.0.2.1')
    expect(world.ask('www.example. A').answer).toEqual([1, 2, 3].map((host) => `www.example. 60 A 192.0.2.${host}`))
  })

  test('MB-13 SE-08 signatures have the TTLs of what they cover, each its own', () => {
    const world = new World()
    const signature = (type: string): string => `RRSIG ${type} 13 2 3600 20300101000000 20200101000000 1 example. AAAA`
    world.load(
      'example.',
      `@ NS ns1\nwww 300 ${signature('A')}\nwww 60 ${signature('TXT')}\nwww 300 A 192.0.2.1\nwww 60 TXT "x"`,
    )
    expect(world.ask('www.example. RRSIG').answer.map((line) => line.split(' ')[1])).toEqual(['300', '60'])
    expect(world.ask('www.example. TXT', { do: true }).answer.map((line) => line.split(' ')[1])).toEqual(['60', '60'])
  })

  test('MB-10 the question is repeated in the case it came in, and case does not count', () => {
    const answered = example().ask('wWw.ExAmPlE. A')
    expect(answered.answer).toEqual(['wWw.ExAmPlE. 3600 A 192.0.2.2'])
    expect(new TextDecoder('latin1').decode(answered.octets)).toContain('wWw\u0007ExAmPlE')
  })

  test('MB-10 the case of RDATA is that of the zone', () => {
    const world = new World()
    world.load('example.', '@ NS ns1\nwww CNAME WWW.Elsewhere.Test.')
    expect(world.ask('www.example. A').answer).toEqual(['www.example. 3600 CNAME WWW.Elsewhere.Test.'])
  })

  test('MB-11 a label may hold any octet', () => {
    const world = new World()
    world.load(
      'example.',
      '@ NS ns1\n\\000\\001.x A 192.0.2.1\n\\000 A 192.0.2.2\na\\.b A 192.0.2.3\n\\255\\032\\092 A 192.0.2.4',
    )
    for (const [name, host] of [
      ['\\000\\001.x', 1],
      ['\\000', 2],
      ['a\\.b', 3],
      ['\\255\\032\\092', 4],
    ] as const) {
      expect(world.ask(`${name}.example. A`).answer).toEqual([`${name}.example. 3600 A 192.0.2.${host}`])
    }
    for (const name of ['\\000\\000.x', '\\001', 'a.b', 'x\\.', '\\000\\001']) {
      expect(world.ask(`${name}.example. A`).rcode).toBe('NXDOMAIN')
    }
  })

  test('LK-06 an empty non-terminal is NODATA, a name with nothing beneath is NXDOMAIN', () => {
    const world = example()
    for (const name of ['b.c', 'c']) {
      expect(world.ask(`${name}.example. A`)).toMatchObject({
        rcode: 'NOERROR',
        flags: 'aa',
        answer: [],
        authority: [SOA],
      })
    }
    for (const name of ['x.b.c', 'x.c', 'bb.c', 'd', 'x.a.b.c', 'x.www']) {
      expect(world.ask(`${name}.example. A`)).toMatchObject({ rcode: 'NXDOMAIN', authority: [SOA] })
    }
  })

  test('LK-07 an empty non-terminal appears and vanishes with the last name below it', () => {
    const world = example()
    world.change('example.', '', 'p.q.r A 192.0.2.9')
    expect(['r', 'q.r', 'p.q.r'].map((name) => world.ask(`${name}.example. MX`).rcode)).toEqual([
      'NOERROR',
      'NOERROR',
      'NOERROR',
    ])
    world.change('example.', 'p.q.r A 192.0.2.9', '')
    expect(['r', 'q.r', 'p.q.r'].map((name) => world.ask(`${name}.example. MX`).rcode)).toEqual([
      'NXDOMAIN',
      'NXDOMAIN',
      'NXDOMAIN',
    ])
  })
})
