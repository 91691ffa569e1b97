import { describe, expect, test } from 'vitest'
import { World } from '../../test/answer/world.ts'

function zone(text: string): World {
  const world = new World()
  world.load('example.', `@ NS ns.example.com.\n${text}`)
  return world
}

/** The zone of RFC 4592 §2.2.1. */
const RFC4592 = `
*                 TXT   "this is a wildcard"
*                 MX    10 host1.example.
sub.*             TXT   "this is not a wildcard"
host1             A     192.0.2.1
_ssh._tcp.host1   SRV   0 0 22 host1
_ssh._tcp.host2   SRV   0 0 22 host2
subdel            NS    ns.example.com.
subdel            NS    ns.example.net.
`

describe('RFC 4592 §2.2.1', () => {
  test.each([
    ['host3.example. MX', ['host3.example. 3600 MX 10 host1.example.']],
    ['host3.example. A', 'NODATA'],
    ['foo.bar.example. TXT', ['foo.bar.example. 3600 TXT "this is a wildcard"']],
    ['host1.example. MX', 'NODATA'],
    ['sub.*.example. MX', 'NODATA'],
    ['_telnet._tcp.host1.example. SRV', 'NXDOMAIN'],
    ['host.subdel.example. A', 'referral'],
    ['ghost.*.example. MX', 'NXDOMAIN'],
    ['_tcp.host2.example. MX', 'NODATA'],
    ['host2.example. MX', 'NODATA'],
    ['_telnet._tcp.host2.example. SRV', 'NXDOMAIN'],
  ])('WC-02 %s', (question, expected) => {
    const { rcode, answer, flags, authority } = zone(RFC4592).ask(question)
    const what = answer.length > 0 ? answer : rcode === 'NXDOMAIN' ? rcode : flags === '' ? 'referral' : 'NODATA'
    expect(what).toEqual(expected)
    expect(authority).toHaveLength(answer.length > 0 ? 0 : flags === '' ? 2 : 1)
  })
})

describe('wildcards', () => {
  test('WC-01 only a leftmost label of exactly one asterisk is a wildcard', () => {
    const world = zone('a.*.x A 192.0.2.1\n**.y A 192.0.2.2\n\\*.z A 192.0.2.3\nb*.v A 192.0.2.4')
    expect(world.ask('a.q.x.example. A').answer).toEqual([])
    expect(world.ask('q.y.example. A').rcode).toBe('NXDOMAIN')
    expect(world.ask('bq.v.example. A').rcode).toBe('NXDOMAIN')
    expect(world.ask('q.z.example. A').answer).toEqual(['q.z.example. 3600 A 192.0.2.3'])
    expect(world.ask('a.*.x.example. A').answer).toHaveLength(1)
  })

  test('WC-01 an asterisk with names below it but without records is a wildcard with nothing to give', () => {
    const world = zone('a.*.x A 192.0.2.1\n* TXT "x"')
    expect(world.ask('q.x.example. TXT')).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [] })
    expect(world.ask('q.example. TXT').answer).toHaveLength(1)
  })

  test('WC-03 any existing name, an empty non-terminal too, keeps the wildcard from itself and from what is below', () => {
    const world = zone('* A 192.0.2.1\nhost1 TXT "x"\na.ent TXT "x"')
    for (const name of ['foo.host1', 'b.ent', 'x.a.ent'])
      expect(world.ask(`${name}.example. A`).rcode, name).toBe('NXDOMAIN')
    for (const name of ['host1', 'ent'])
      expect(world.ask(`${name}.example. A`)).toMatchObject({ rcode: 'NOERROR', answer: [] })
    expect(world.ask('enta.example. A').answer).toHaveLength(1)
  })

  test('WC-04 a wildcard covers many labels', () => {
    expect(zone('*.w A 192.0.2.1').ask('a.b.c.w.example. A').answer).toEqual(['a.b.c.w.example. 3600 A 192.0.2.1'])
  })

  test('WC-05 a question for the asterisk itself finds it', () => {
    const world = zone('*.w A 192.0.2.1')
    expect(world.ask('*.w.example. A').answer).toEqual(['*.w.example. 3600 A 192.0.2.1'])
    expect(world.ask('x.*.w.example. A').rcode).toBe('NXDOMAIN')
  })

  test('WC-06 case 30 a wildcard CNAME is synthesised and followed, and a loop of them ends', () => {
    const world = zone('*.w CNAME host\nhost A 192.0.2.1\n*.l CNAME *.l\n*.m CNAME a.b.m\n*.n CNAME x.n')
    expect(world.ask('q.w.example. A').answer).toEqual([
      'q.w.example. 3600 CNAME host.example.',
      'host.example. 3600 A 192.0.2.1',
    ])
    expect(world.ask('q.l.example. A').answer).toEqual([
      'q.l.example. 3600 CNAME *.l.example.',
      '*.l.example. 3600 CNAME *.l.example.',
    ])
    expect(world.ask('q.m.example. A').answer).toEqual([
      'q.m.example. 3600 CNAME a.b.m.example.',
      'a.b.m.example. 3600 CNAME a.b.m.example.',
    ])
    expect(world.ask('x.n.example. A')).toMatchObject({
      rcode: 'NOERROR',
      answer: ['x.n.example. 3600 CNAME x.n.example.'],
    })
  })

  test('WC-07 a wildcard without the type is NODATA', () => {
    expect(zone('*.w MX 10 m.example.').ask('q.w.example. A')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: [],
      authority: ['example. 300 SOA ns1.example. hostmaster.example. 1 7200 3600 1209600 300'],
    })
  })

  test('WC-08 a wildcard with NS does no harm', () => {
    const world = zone('*.w NS ns.elsewhere.\n*.w TXT "x"')
    expect(world.ask('q.w.example. TXT').answer).toEqual(['q.w.example. 3600 TXT "x"'])
    expect(world.ask('x.*.w.example. TXT').flags).toBe('')
  })

  test('a signed wildcard answer carries the signature of the wildcard', () => {
    const world = zone('*.w A 192.0.2.1\n*.w RRSIG A 13 2 3600 20300101000000 20200101000000 1 example. AAAA')
    expect(world.ask('q.w.example. A', { do: true }).answer[1]).toBe(
      'q.w.example. 3600 RRSIG A 13 2 3600 20300101000000 20200101000000 1 example. AAAA',
    )
  })

  test('wildcards are found in zones with and without cuts', () => {
    for (const cut of ['', 'sub NS ns.elsewhere.', 'sub DNAME elsewhere.']) {
      const world = zone(`*.a.b A 192.0.2.1\nx.y.a.b TXT "x"\n${cut}`)
      const found = (name: string) => world.ask(`${name}.example. A`)
      expect(found('q.a.b').answer, cut).toHaveLength(1)
      expect(found('p.q.a.b').answer, cut).toHaveLength(1)
      expect(found('q.y.a.b').rcode).toBe('NXDOMAIN')
      expect(found('y.a.b').rcode).toBe('NOERROR')
      expect(found('q.b').rcode).toBe('NXDOMAIN')
      expect(found('0.0.a.b').answer).toHaveLength(1)
      expect(found('zz.zz.a.b').answer).toHaveLength(1)
    }
  })
})
