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

const REFERRAL = ['sub.example. 3600 NS ns.sub.example.', 'sub.example. 3600 NS ns.other.example.']
const GLUE = [
  'ns.sub.example. 3600 A 192.0.2.3',
  'ns.other.example. 3600 A 192.0.2.4',
  'ns.other.example. 3600 AAAA 2001:db8::4',
]

describe('referrals', () => {
  test('LK-04 DG-03 at or below a cut there is no authority: NS of the cut, and glue', () => {
    const world = example()
    for (const question of [
      'sub.example. NS',
      'x.sub.example. A',
      'sub.example. SOA',
      'ns.sub.example. A',
      'sub.example. ANY',
      'ns.deep.sub.example. A',
    ]) {
      expect(world.ask(question), question).toMatchObject({
        rcode: 'NOERROR',
        flags: '',
        answer: [],
        authority: REFERRAL,
        additional: GLUE,
      })
    }
  })

  test('LK-05 data below a cut is never an answer', () => {
    expect(example().ask('x.sub.example. TXT')).toMatchObject({ flags: '', answer: [], authority: REFERRAL })
  })

  test('LK-08 names below appear when the cut goes, and hide when it comes back', () => {
    const world = example()
    const cut = 'sub NS ns.sub\nsub NS ns.other'
    world.change('example.', cut, '')
    expect(world.ask('x.sub.example. TXT')).toMatchObject({
      flags: 'aa',
      answer: ['x.sub.example. 3600 TXT "occluded"'],
    })
    expect(world.ask('y.deep.sub.example. A')).toMatchObject({
      flags: '',
      authority: ['deep.sub.example. 3600 NS ns.sub.example.'],
    })
    world.change('example.', '', cut)
    expect(world.ask('x.sub.example. TXT')).toMatchObject({ flags: '', answer: [], authority: REFERRAL })
  })

  test('DG-01 all glue for name servers inside the delegated zone is there, or the answer is truncated', () => {
    const world = new World()
    const servers = Array.from({ length: 20 }, (_, server) => server)
    const lines = servers.map(
      (server) =>
        `sub NS ns${server}.sub\nns${server}.sub A 192.0.2.${server}\nns${server}.sub AAAA 2001:db8::${server}`,
    )
    world.load('example.', `@ NS ns1\n${lines.join('\n')}`)
    expect(world.ask('x.sub.example. A').flags).toBe('tc')
    expect(world.ask('x.sub.example. A', { size: 1232 }).flags).toBe('tc')
    const whole = world.ask('x.sub.example. A', { tcp: true })
    expect([whole.flags, whole.authority.length, whole.additional.length]).toEqual(['', 20, 40])
  })

  test('DG-02 glue for a name server below another cut goes along, and never truncates', () => {
    const world = new World()
    const servers = Array.from(
      { length: 12 },
      (_, server) =>
        `sub NS ns${server}.other\nns${server}.other A 192.0.2.${server}\nns${server}.other AAAA 2001:db8::${server}`,
    )
    world.load('example.', `@ NS ns1\nother NS ns0.other\n${servers.join('\n')}`)
    const small = world.ask('sub.example. A')
    expect([small.flags, small.authority.length]).toEqual(['', 12])
    expect(small.additional.length).toBeLessThan(24)
    expect(world.ask('sub.example. A', { size: 1232 }).additional).toHaveLength(24)
  })

  test('DG-04 below a cut there is glue and nothing else: no address goes along with MX or SRV', () => {
    const world = new World()
    world.load('example.', `@ NS ns.sub\n@ MX 10 ns.sub\nsub NS ns.sub\nns.sub A 192.0.2.3`)
    expect(world.ask('example. NS').additional).toEqual(['ns.sub.example. 3600 A 192.0.2.3'])
    expect(world.ask('example. MX').additional).toEqual([])
  })

  test('with DO a referral brings the DS RRset and its signatures', () => {
    const referral = example().ask('x.sub.example. A', { do: true })
    expect(referral.authority).toEqual([...REFERRAL, `sub.example. 3600 DS 1 13 2 ${'ab'.repeat(32)}`])
  })
})

describe('nothing', () => {
  test('NG-01 NXDOMAIN has authority and the SOA', () => {
    expect(example().ask('nothing.example. A')).toMatchObject({
      rcode: 'NXDOMAIN',
      flags: 'aa',
      answer: [],
      authority: [SOA],
    })
  })

  test('NG-02 NODATA is NOERROR with the SOA', () => {
    expect(example().ask('www.example. MX')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: [],
      authority: [SOA],
    })
  })

  test('NG-03 the SOA of a denial has the smaller of its TTL and MINIMUM, and so have its signatures', () => {
    const signature = 'RRSIG SOA 13 1 3600 20300101000000 20200101000000 1 example. AAAA'
    for (const [ttl, minimum, negative] of [
      [3600, 60, 60],
      [60, 3600, 60],
      [0, 5, 0],
    ] as const) {
      const world = new World()
      world.load('example.', `@ ${ttl} IN SOA ns1 hostmaster 1 2 3 4 ${minimum}\n@ ${ttl} ${signature}\n@ NS ns1`)
      expect(world.ask('x.example. A').authority[0]).toContain(`example. ${negative} SOA`)
      expect(world.ask('x.example. A', { do: true }).authority[1]).toContain(`example. ${negative} RRSIG SOA 13 1 3600`)
      expect(world.ask('example. SOA').answer[0]).toContain(`example. ${ttl} SOA`)
    }
  })

  test('NG-06 a referral has NS and no SOA, a denial SOA and no NS', () => {
    const world = example()
    const types = (question: string): (string | undefined)[] =>
      world.ask(question).authority.map((line) => line.split(' ')[2])
    expect(types('x.sub.example. A')).toEqual(['NS', 'NS'])
    expect(types('www.example. MX')).toEqual(['SOA'])
  })
})
