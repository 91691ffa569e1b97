import { describe, expect, test } from 'vitest'
import { World } from '../../test/answer/world.ts'

function zone(text: string): World {
  const world = new World()
  world.load('example.', `@ NS ns.elsewhere.\n${text}`)
  return world
}

const HOST = 'host A 192.0.2.1\nhost AAAA 2001:db8::1'
const ADDRESSES = ['host.example. 3600 A 192.0.2.1', 'host.example. 3600 AAAA 2001:db8::1']

describe('additional addresses', () => {
  test.each([
    'MX 10 host',
    'SRV 1 2 3 host',
    'KX 1 host',
    'AFSDB 1 host',
    'RT 1 host',
    'MB host',
    'HTTPS 1 host',
    'SVCB 1 host',
    'NS host',
  ])('go along with %s', (record) => {
    expect(zone(`@ ${record}\n${HOST}`).ask(`example. ${record.split(' ')[0]}`).additional).toEqual(ADDRESSES)
  })

  test.each(['PTR host', 'CNAME host', 'TXT "host"'])('do not go along with %s', (record) => {
    expect(zone(`x ${record}\n${HOST}`).ask(`x.example. ${record.split(' ')[0]}`).additional).toEqual([])
  })

  test('come once, however often a host is named', () => {
    expect(zone(`@ MX 10 host\n@ MX 20 HOST\n${HOST}`).ask('example. MX').additional).toEqual(ADDRESSES)
  })

  test('are those of this zone only, and neither hidden ones nor made up ones', () => {
    const world = zone(
      '@ MX 1 mx.other.\n@ MX 2 x.d\n@ MX 3 q.w\n@ MX 4 .\nd DNAME elsewhere.\nx.d A 192.0.2.1\n*.w A 192.0.2.2',
    )
    world.load('other.', '@ NS ns1\nmx A 192.0.2.9')
    expect(world.ask('example. MX').additional).toEqual([])
  })

  test('of a chain are those of its end', () => {
    expect(zone(`www CNAME mail\nmail MX 10 host\n${HOST}`).ask('www.example. MX').additional).toEqual(ADDRESSES)
  })

  test('have their signatures with them if these fit', () => {
    const signature = 'host RRSIG A 13 2 3600 20300101000000 20200101000000 1 example. AAAA'
    const world = zone(`@ MX 10 host\n${HOST}\n${signature}`)
    expect(world.ask('example. MX', { do: true }).additional.map((line) => line.split(' ')[2])).toEqual([
      'A',
      'RRSIG',
      'AAAA',
    ])
  })

  test.each(['NS', 'MX', 'SRV', 'SVCB', 'HTTPS'])(
    'AD-01 case 4 of %s are looked for no further than thirteen targets',
    (type) => {
      const front = { NS: '', MX: '10 ', SRV: '1 2 3 ', SVCB: '1 ', HTTPS: '1 ' }[type] as string
      const lines = Array.from(
        { length: 1000 },
        (_, n) => `x ${type} ${type === 'MX' ? `${n} ` : front}t${n}\nt${n} A 192.0.2.1`,
      )
      const world = type === 'NS' ? zoneWithApexNs(lines) : zone(lines.join('\n'))
      const { answer, additional, flags } = world.ask(type === 'NS' ? 'example. NS' : `x.example. ${type}`, {
        tcp: true,
      })
      expect([flags, answer.length, additional.length]).toEqual(['aa', 1000, 13])
    },
  )

  test('AD-01 case 4 a referral to a thousand name servers elsewhere in the zone looks for thirteen', () => {
    const lines = Array.from({ length: 1000 }, (_, n) => `sub NS t${n}\nt${n} A 192.0.2.1`)
    const { authority, additional } = zone(lines.join('\n')).ask('sub.example. A', { tcp: true })
    expect([authority.length, additional.length]).toEqual([1000, 13])
  })
})

function zoneWithApexNs(lines: readonly string[]): World {
  const world = new World()
  world.load('example.', lines.join('\n').replaceAll('x NS', '@ NS'))
  return world
}

describe('AD-02 SV-06 SVCB and HTTPS', () => {
  test.each(['SVCB', 'HTTPS'])('%s: a service brings the addresses of its target', (type) => {
    expect(zone(`s ${type} 1 host alpn=h2\n${HOST}`).ask(`s.example. ${type}`).additional).toEqual(ADDRESSES)
  })

  test('a service whose target is "." is at the owner itself', () => {
    expect(zone(HOST + '\nhost HTTPS 1 .').ask('host.example. HTTPS').additional).toEqual(ADDRESSES)
  })

  test('an alias brings the service it leads to, and where that is', () => {
    const world = zone(`a HTTPS 0 pool\npool HTTPS 1 host\npool HTTPS 2 .\npool A 192.0.2.7\n${HOST}`)
    expect(world.ask('a.example. HTTPS').additional).toEqual([
      'pool.example. 3600 A 192.0.2.7',
      'pool.example. 3600 HTTPS 1 host.example.',
      'pool.example. 3600 HTTPS 2 .',
      ...ADDRESSES,
    ])
  })

  test('of aliases one step is followed', () => {
    const world = zone(`a HTTPS 0 b\nb HTTPS 0 c\nc HTTPS 1 host\n${HOST}`)
    expect(world.ask('a.example. HTTPS').additional).toEqual(['b.example. 3600 HTTPS 0 c.example.'])
  })

  test('an alias to itself or to nothing brings nothing', () => {
    const world = zone('a HTTPS 0 a\nb HTTPS 0 .')
    expect(world.ask('a.example. HTTPS').additional).toEqual([])
    expect(world.ask('b.example. HTTPS').additional).toEqual([])
  })
})

describe('ANY', () => {
  const text = 'x A 192.0.2.1\nx A 192.0.2.2\nx MX 10 host\nx TXT "t"'

  test('AN-01 by UDP is answered with one RRset', () => {
    const world = zone(text)
    expect(world.ask('x.example. ANY').answer).toEqual(['x.example. 3600 A 192.0.2.1', 'x.example. 3600 A 192.0.2.2'])
    expect(world.ask('example. ANY').answer).toEqual([
      'example. 3600 SOA ns1.example. hostmaster.example. 1 7200 3600 1209600 300',
    ])
  })

  test('AN-01 by TCP with all', () => {
    const world = zone(text)
    expect(world.ask('x.example. ANY', { tcp: true }).answer).toHaveLength(4)
    expect(world.ask('example. ANY', { tcp: true }).answer).toHaveLength(2)
  })

  test('AN-01 for a name without records is NODATA or NXDOMAIN like any other', () => {
    const world = zone('a.b A 192.0.2.1')
    expect(world.ask('b.example. ANY')).toMatchObject({ rcode: 'NOERROR', answer: [] })
    expect(world.ask('c.example. ANY', { tcp: true })).toMatchObject({ rcode: 'NXDOMAIN' })
  })

  test('AN-02 with DO has the signatures of what it has, once; and prefers what is not a signature', () => {
    const signature = (type: string) => `RRSIG ${type} 13 2 3600 20300101000000 20200101000000 1 example. AAAA`
    const world = zone(
      `x A 192.0.2.1\nx ${signature('A')}\nx TXT "t"\nx ${signature('TXT')}\n@ ${signature('SOA')}\ny TLSA 3 1 1 ab\ny ${signature('TLSA')}\ny NSEC z A`,
    )
    const types = (question: string, tcp: boolean) =>
      world.ask(question, { do: true, tcp }).answer.map((line) =>
        line
          .split(' ')
          .slice(2, 4)
          .join(' ')
          .replace(/^(?!RRSIG)(\w+).*/, '$1'),
      )
    expect(types('x.example. ANY', false)).toEqual(['A', 'RRSIG A'])
    expect(types('x.example. ANY', true)).toEqual(['A', 'TXT', 'RRSIG A', 'RRSIG TXT'])
    expect(types('example. ANY', false)).toEqual(['SOA', 'RRSIG SOA'])
    expect(types('example. ANY', true)).toEqual(['SOA', 'NS', 'RRSIG SOA'])
    expect(types('y.example. ANY', false)).toEqual(['TLSA', 'RRSIG TLSA'])
  })

  test('AN-02 for the owner of a CNAME is the CNAME', () => {
    expect(zone(`c CNAME host\n${HOST}`).ask('c.example. ANY').answer).toEqual(['c.example. 3600 CNAME host.example.'])
  })
})
