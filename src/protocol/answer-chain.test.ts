import { describe, expect, test } from 'vitest'
import { World } from '../../test/answer/world.ts'

const SOA = 'example. 300 SOA ns1.example. hostmaster.example. 1 7200 3600 1209600 300'

function zone(text: string): World {
  const world = new World()
  world.load('example.', `@ NS ns1\n${text}`)
  return world
}

/** c1 → c2 → … → the last one, which has an address. */
function links(count: number): string {
  const lines = Array.from({ length: count }, (_, link) => `c${link} CNAME c${link + 1}`)
  return `${lines.join('\n')}\nc${count} A 192.0.2.1`
}

describe('CNAME', () => {
  test.each([1, 5, 17])('CN-01 a chain of %i links is followed to its end', (count) => {
    const { rcode, flags, answer } = zone(links(count)).ask('c0.example. A', { size: 1232 })
    expect([rcode, flags, answer.length]).toEqual(['NOERROR', 'aa', count + 1])
    expect(answer[0]).toBe('c0.example. 3600 CNAME c1.example.')
    expect(answer.at(-1)).toBe(`c${count}.example. 3600 A 192.0.2.1`)
  })

  test('CN-01 a chain is followed into another zone of this server, and not outside', () => {
    const world = zone('www CNAME web.other.\nfar CNAME www.elsewhere.')
    world.load('other.', '@ NS ns1\nweb A 192.0.2.8')
    expect(world.ask('www.example. A')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: ['www.example. 3600 CNAME web.other.', 'web.other. 3600 A 192.0.2.8'],
    })
    expect(world.ask('far.example. A')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: ['far.example. 3600 CNAME www.elsewhere.'],
      authority: [],
    })
  })

  test('CN-01 a chain into a zone that cannot answer ends there', () => {
    const world = zone('www CNAME web.other.')
    world.configure('other.')
    expect(world.ask('www.example. A', { size: 512 })).toMatchObject({
      rcode: 'NOERROR',
      answer: ['www.example. 3600 CNAME web.other.'],
      edns: { options: [] },
    })
  })

  test('CN-01 a question for CNAME or ANY is not followed', () => {
    const world = zone(links(3))
    expect(world.ask('c0.example. CNAME').answer).toEqual(['c0.example. 3600 CNAME c1.example.'])
    expect(world.ask('c0.example. ANY').answer).toEqual(['c0.example. 3600 CNAME c1.example.'])
    expect(world.ask('c0.example. ANY', { tcp: true }).answer).toEqual(['c0.example. 3600 CNAME c1.example.'])
  })

  test('CN-02 a CNAME with signatures beside it is followed for every type', () => {
    const signature = 'RRSIG CNAME 13 2 3600 20300101000000 20200101000000 1 example. AAAA'
    const world = zone(`www CNAME host\nwww ${signature}\nwww NSEC zz CNAME RRSIG NSEC\nhost A 192.0.2.1`)
    for (const type of ['A', 'NS', 'TXT', 'AAAA', 'TYPE1000', 'DS']) {
      expect(world.ask(`www.example. ${type}`).answer[0], type).toBe('www.example. 3600 CNAME host.example.')
    }
    expect(world.ask('www.example. NSEC').answer).toEqual(['www.example. 3600 NSEC zz.example. CNAME RRSIG NSEC'])
  })

  test('CN-01 a chain that leads below a cut ends in a referral, still with authority', () => {
    const world = zone('www CNAME x.sub\nsub NS ns.sub\nns.sub A 192.0.2.3')
    expect(world.ask('www.example. A')).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: ['www.example. 3600 CNAME x.sub.example.'],
      authority: ['sub.example. 3600 NS ns.sub.example.'],
      additional: ['ns.sub.example. 3600 A 192.0.2.3'],
    })
  })

  test.each([
    ['a', 'a CNAME a', ['a→a']],
    ['a', 'a CNAME b\nb CNAME a', ['a→b', 'b→a']],
    ['a', 'a CNAME b\nb CNAME c\nc CNAME b', ['a→b', 'b→c', 'c→b']],
    ['a', 'a CNAME A', ['a→A']],
  ])('CN-03 a loop ends with the chain so far: %s in %j', (name, text, chain) => {
    const { rcode, answer, authority } = zone(text).ask(`${name}.example. A`)
    expect([rcode, authority]).toEqual(['NOERROR', []])
    expect(answer).toEqual(chain.map((link) => link.replace(/(.*)→(.*)/, '$1.example. 3600 CNAME $2.example.')))
  })

  test('CN-03 case 30 a chain of 10,000 links is cut after 18', () => {
    const { rcode, flags, answer } = zone(links(10_000)).ask('c0.example. A', { tcp: true })
    expect([rcode, flags, answer.length]).toEqual(['NOERROR', 'aa', 18])
  })

  test('NG-04 the last name of a chain decides about the RCODE', () => {
    const world = zone('www CNAME gone\nmail CNAME ns1\nns1 A 192.0.2.1\nfar CNAME gone.other.')
    world.load('other.', '@ NS ns1')
    expect(world.ask('www.example. A')).toMatchObject({
      rcode: 'NXDOMAIN',
      flags: 'aa',
      answer: ['www.example. 3600 CNAME gone.example.'],
      authority: [SOA],
    })
    expect(world.ask('mail.example. MX')).toMatchObject({ rcode: 'NOERROR', flags: 'aa', authority: [SOA] })
    expect(world.ask('far.example. A')).toMatchObject({
      rcode: 'NXDOMAIN',
      authority: ['other. 300 SOA ns1.other. hostmaster.other. 1 7200 3600 1209600 300'],
    })
  })

  test('NG-05 the first name of a chain decides about authority', () => {
    const world = zone('www CNAME x.sub.other.')
    world.load('other.', '@ NS ns1\nsub NS ns.elsewhere.')
    expect(world.ask('www.example. A')).toMatchObject({ flags: 'aa', authority: ['sub.other. 3600 NS ns.elsewhere.'] })
  })
})

describe('DNAME', () => {
  test('DN-01 a name below a DNAME gets it and the CNAME it makes, of the same TTL; only the DNAME is signed', () => {
    const signature = 'RRSIG DNAME 13 2 600 20300101000000 20200101000000 1 example. AAAA'
    const world = zone(`d 600 DNAME target\nd 600 ${signature}\nx.target A 192.0.2.1`)
    const answer = [
      'd.example. 600 DNAME target.example.',
      'x.d.example. 600 CNAME x.target.example.',
      'x.target.example. 3600 A 192.0.2.1',
    ]
    expect(world.ask('x.d.example. A')).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer })
    const signed = world.ask('x.d.example. A', { do: true }).answer
    expect(signed.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'd.example. 600 DNAME target.example.',
      'd.example. 600 RRSIG DNAME',
      'x.d.example. 600 CNAME x.target.example.',
      'x.target.example. 3600 A 192.0.2.1',
    ])
  })

  test('DN-02 the owner of a DNAME is not redirected', () => {
    const world = zone('d DNAME target\nd A 192.0.2.1')
    expect(world.ask('d.example. A').answer).toEqual(['d.example. 3600 A 192.0.2.1'])
    expect(world.ask('d.example. DNAME').answer).toEqual(['d.example. 3600 DNAME target.example.'])
    expect(world.ask('d.example. MX')).toMatchObject({ rcode: 'NOERROR', answer: [], authority: [SOA] })
    const apex = zone('@ DNAME elsewhere.\n@ MX 10 elsewhere.')
    expect(apex.ask('example. SOA').answer).toEqual([SOA.replace(' 300 ', ' 3600 ')])
    expect(apex.ask('example. MX').answer).toEqual(['example. 3600 MX 10 elsewhere.'])
    expect(apex.ask('a.b.example. A').answer).toEqual([
      'example. 3600 DNAME elsewhere.',
      'a.b.example. 3600 CNAME a.b.elsewhere.',
    ])
  })

  test('DN-03 a name that would be longer than 255 octets is YXDOMAIN', () => {
    const world = zone(`d DNAME ${'t'.repeat(20)}`)
    const label = 'x'.repeat(59)
    const just = `${'y'.repeat(44)}.${label}.${label}.${label}`
    const target = `${'t'.repeat(20)}.example.`
    expect(world.ask(`${just}.d.example. A`, { tcp: true })).toMatchObject({
      rcode: 'NXDOMAIN',
      answer: [`d.example. 3600 DNAME ${target}`, `${just}.d.example. 3600 CNAME ${just}.${target}`],
    })
    expect(world.ask(`y${just}.d.example. A`, { tcp: true })).toMatchObject({
      rcode: 'YXDOMAIN',
      flags: 'aa',
      answer: [`d.example. 3600 DNAME ${target}`],
      authority: [],
    })
  })

  test('DN-04 data below a DNAME is hidden', () => {
    const world = zone('d DNAME target\ny.d TXT "hidden"\nz.d NS ns.elsewhere.')
    expect(world.ask('y.d.example. TXT').answer).toEqual([
      'd.example. 3600 DNAME target.example.',
      'y.d.example. 3600 CNAME y.target.example.',
    ])
    expect(world.ask('x.z.d.example. TXT').flags).toBe('aa')
  })

  test('a cut at the owner of a DNAME comes first', () => {
    expect(zone('d NS ns.elsewhere.\nd DNAME target').ask('x.d.example. A')).toMatchObject({
      flags: '',
      answer: [],
      authority: ['d.example. 3600 NS ns.elsewhere.'],
    })
  })

  test('DN-05 DN-06 case 30 DNAMEs lead to DNAMEs, and each is in the answer once', () => {
    const world = zone('d DNAME e\ne DNAME f\nx.f A 192.0.2.1')
    expect(world.ask('x.d.example. A').answer).toEqual([
      'd.example. 3600 DNAME e.example.',
      'x.d.example. 3600 CNAME x.e.example.',
      'e.example. 3600 DNAME f.example.',
      'x.e.example. 3600 CNAME x.f.example.',
      'x.f.example. 3600 A 192.0.2.1',
    ])
    const loop = zone('d DNAME x.d').ask('y.d.example. A', { tcp: true })
    expect([loop.rcode, loop.answer.filter((line) => line.includes(' DNAME ')).length, loop.answer.length]).toEqual([
      'NOERROR',
      1,
      19,
    ])
    expect(zone('d DNAME d').ask('y.d.example. A').answer).toEqual([
      'd.example. 3600 DNAME d.example.',
      'y.d.example. 3600 CNAME y.d.example.',
    ])
  })

  test('DN-05 a synthesised CNAME answers a question for CNAME, and nothing more is looked up', () => {
    const world = zone('d DNAME target\nx.target CNAME further')
    expect(world.ask('x.d.example. CNAME').answer).toEqual([
      'd.example. 3600 DNAME target.example.',
      'x.d.example. 3600 CNAME x.target.example.',
    ])
  })

  test('DN-06 a CNAME leads below a DNAME, and a DNAME to a CNAME', () => {
    const world = zone('www CNAME x.d\nd DNAME target\nx.target CNAME host\nhost A 192.0.2.1')
    expect(world.ask('www.example. A').answer).toEqual([
      'www.example. 3600 CNAME x.d.example.',
      'd.example. 3600 DNAME target.example.',
      'x.d.example. 3600 CNAME x.target.example.',
      'x.target.example. 3600 CNAME host.example.',
      'host.example. 3600 A 192.0.2.1',
    ])
  })

  test('DN-07 a DNAME at a wildcard does no harm', () => {
    const world = zone('*.w DNAME target\nx.target A 192.0.2.1')
    expect(world.ask('a.w.example. DNAME').answer).toEqual(['a.w.example. 3600 DNAME target.example.'])
    expect(world.ask('x.*.w.example. A').answer.at(-1)).toBe('x.target.example. 3600 A 192.0.2.1')
    expect(world.ask('b.a.w.example. A')).toMatchObject({ rcode: 'NOERROR', answer: [] })
  })
})
