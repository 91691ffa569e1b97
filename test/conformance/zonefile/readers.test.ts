/**
 * Other servers read the master files that we write, and hold the same zone then.
 *
 * What a reader prints is read by our own parser and compared record by record. A reader that is not installed is
 * skipped, but not where CI=true: there it has to be.
 */

import assert from 'node:assert'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { DnsRecord } from '../../../src/dns/message.ts'
import { nameKey, parseName } from '../../../src/dns/name.ts'
import { hexText } from '../../../src/dns/octets.ts'
import { RECORD_TYPES, recordTypeOf, typeMnemonic } from '../../../src/dns/record-types.ts'
import { parseZoneFile } from '../../../src/dns/zonefile/parser.ts'
import { printRecord, printZone } from '../../../src/dns/zonefile/printer.ts'
import { chanceOf, randomRdata } from '../../random-rdata.ts'

const APEX = parseName('example.org.')
const directory = mkdtempSync(join(tmpdir(), 'twinzone-zonefile-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** One record of nearly every type, as the RFCs show them. */
const EVERY_TYPE = String.raw`
$TTL 3600
@ SOA ns1 hostmaster.example.org. 2026112101 1h 10m 2w 5m
@ NS ns1
@ NS ns.example.net.
@ NSEC3PARAM 1 0 5 aabbccdd
@ ZONEMD 2026112101 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c
@ DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
@ CDS 0 0 0 00
@ CDNSKEY 0 3 0 AA==
@ CSYNC 66 3 A NS AAAA
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
cname CNAME www
mb MB ns1
mg MG a.example.net.
mr MR a.example.net.
minfo MINFO a.example.net. .
wks WKS 192.0.2.1 6 25 80 8080
ptr PTR ns1.example.org.
hinfo HINFO "PDP-11/73" UNIX
mx MX 10 mail
txt TXT "one; two" "" "quoted \" and \\" "\000\127\255"
rp RP admin.example.net. txt
afsdb AFSDB 1 ns1
x25 X25 "311061700956"
isdn ISDN "150862028003217" "004"
isdn ISDN "150862028003217"
rt RT 10 ns1
nsap NSAP 0x47000580005a0000000001e133ffffff00016100
nsap-ptr NSAP-PTR ns1
sig SIG NXT 5 2 3600 20300101000000 20200101000000 2642 example.org. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
key KEY 256 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
px PX 10 net2.it. prmd-net2.admd-p400.c-it.
gpos GPOS "-32.6882" "116.8652" "10.0"
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m
nxt NXT ns1 A NS SOA MX SIG KEY NXT
_sip._tcp SRV 10 60 5060 ns1
naptr NAPTR 100 10 "S" "SIP+D2U" "!^.*$!sip:info@example.com!" _sip._udp
kx KX 10 ns1
cert CERT PKIX 0 0 TUlJQw==
a6 A6 64 ::1 ns1
dname DNAME example.net.
apl APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:ff00::/8
child NS ns1
child DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118
sshfp SSHFP 2 1 123456789abcdef67890123456789abcdef67890
ipseckey IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
ipseckey IPSECKEY 10 2 2 2001:db8::1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
ipseckey IPSECKEY 10 3 2 ns1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
ipseckey IPSECKEY 10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
ns1 RRSIG A 13 3 3600 20300101000000 20200101000000 2642 example.org. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
ns1 NSEC txt A AAAA RRSIG NSEC TYPE1234
dhcid DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 12 aabbccdd 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG
1p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR
_443._tcp TLSA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
smimea SMIMEA 3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971
hip HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cI rvs1 rvs2.example.net.
ninfo NINFO "STATUS ok"
rkey RKEY 0 0 254 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
talink TALINK a ns1
openpgpkey OPENPGPKEY AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
_dns SVCB 1 ns1 alpn="h2,h3-19" port=853 ipv4hint=192.0.2.1,192.0.2.2 key667="hello\210qoo" mandatory=alpn,port
_dns SVCB 2 . ech=AEj+DQBEAQAgACAdd+scUi0IYFsXnUIU7ko2Nd9+F8M26pAGZVpz/KrWPgAEAAEAAWQVZWNoLXNpdGVzLmV4YW1wbGUubmV0AAA= ipv6hint=2001:db8::1
web HTTPS 0 www.example.net.
_dsync DSYNC CDS NOTIFY 5359 ns1
hhit HHIT AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
brid BRID AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
spf SPF "v=spf1 -all"
nid NID 10 14:4fff:ff20:ee64
l32 L32 10 10.1.2.0
l64 L64 10 2001:db8:1140:1000
lp LP 10 l64
eui48 EUI48 00-00-5e-00-53-2a
eui64 EUI64 00-00-5e-ef-10-00-00-2a
_ftp._tcp URI 10 1 "ftp://ftp1.example.com/public?a=\"b\""
caa CAA 0 issue "ca.example; policy=ev"
caa CAA 128 iodef ""
avc AVC "app-name:WOLFGANG" "app-class:OAM"
amtrelay AMTRELAY 10 0 1 203.0.113.15
amtrelay AMTRELAY 10 1 2 2001:db8::15
amtrelay AMTRELAY 128 1 3 relay.example.net.
amtrelay AMTRELAY 10 0 0 .
resinfo RESINFO "qnamemin" "exterr=15-17"
wallet WALLET "ETH" "0x0000"
cla CLA "TCP-v4-v6"
ta TA 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118
dlv DLV 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118
unknown TYPE65280 \# 3 abcdef
unknown TYPE65281 \# 0
opaque LOC \# 16 01000000000000000000000000000000
*.wild A 192.0.2.1
\@ A 192.0.2.1
\$ORIGIN A 192.0.2.1
\$ A 192.0.2.1
a\.b\032c\"\;\(\)\\ A 192.0.2.1
\000\001\200\255 A 192.0.2.1
in A 192.0.2.1
3600 A 192.0.2.1
mx.in TXT "owner that looks like fields"
`

interface ZoneReader {
  readonly title: string
  /** The first of these that is installed. */
  readonly commands: readonly string[]
  /** Types that the oldest version met in the wild does not know, or refuses to load. */
  readonly without: readonly string[]
  readonly args: (file: string, command: string) => readonly string[]
  /** Whether it prints the zone that it has read. */
  readonly prints: boolean
}

const LENIENT = ['-q', '-k', 'ignore', '-n', 'ignore', '-i', 'none', '-r', 'ignore']

const READERS: readonly ZoneReader[] = [
  {
    title: 'BIND',
    commands: ['named-compilezone'],
    without: ['CLA'],
    args: (file) => [...LENIENT, '-o', '-', 'example.org', file],
    prints: true,
  },
  {
    title: 'NSD',
    commands: ['nsd-checkzone'],
    // NSD 4.6 knows most of these as TYPEn only; it reads WKS, but prints its ports by the names of the machine.
    without: 'WKS NSAP-PTR GPOS A6 HIP NINFO RKEY TALINK DSYNC HHIT BRID AMTRELAY RESINFO WALLET CLA TA'.split(' '),
    args: (file) => ['-p', 'example.org', file],
    prints: true,
  },
  {
    title: 'Knot',
    // knotc comes with the server, and does the same.
    commands: ['kzonecheck', 'knotc'],
    without:
      'MB MG MR WKS X25 ISDN NSAP NSAP-PTR SIG PX GPOS NXT A6 HIP NINFO RKEY TALINK DSYNC HHIT BRID AVC AMTRELAY RESINFO WALLET CLA TA DLV'.split(
        ' ',
      ),
    args: (file, command) =>
      command === 'knotc' ? ['-c', knotConfiguration(file), 'zone-check', 'example.org'] : ['-o', 'example.org', file],
    prints: false,
  },
]

function knotConfiguration(file: string): string {
  const path = join(directory, 'knot.conf')
  const storage = `storage: ${directory}`
  writeFileSync(
    path,
    `server:\n  rundir: ${directory}\ndatabase:\n  ${storage}\nzone:\n  - domain: example.org\n    file: ${file}\n    ${storage}\n`,
  )
  return path
}

/** Where a command is; undefined if it is not installed. */
function pathOf(command: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path))
}

function recordsOf(text: string): DnsRecord[] {
  return [...parseZoneFile(text, { origin: APEX })].flatMap((item) => (item.type === 'record' ? [item.record] : []))
}

/** Records as sorted lines that do not depend on the case of names or on anyone's printer. */
function described(records: readonly DnsRecord[]): string[] {
  return records
    .map(
      ({ owner, type, ttl, rdata }) =>
        `${JSON.stringify(nameKey(owner))} ${ttl} ${typeMnemonic(type)} ${hexText(rdata)}`,
    )
    .sort()
}

/** Records as a set of lines in lower case: NSD folds the names in RDATA. */
function lines(records: readonly DnsRecord[]): Set<string> {
  return new Set(records.map((record) => printRecord(record).toLowerCase()))
}

/** Random data of the types whose data no reader looks into. */
function randomZone(): DnsRecord[] {
  const [soa, ns] = recordsOf('@ 60 SOA ns1 h 1 2 3 4 5\n@ 60 NS ns.example.net.') as [DnsRecord, DnsRecord]
  const plain = new Set(
    'HINFO TXT RP MX AFSDB SRV PTR SSHFP TLSA DHCID EUI48 OPENPGPKEY L32 LP URI DNSKEY CDNSKEY'.split(' '),
  )
  const types = [...RECORD_TYPES.filter(({ mnemonic }) => plain.has(mnemonic)), recordTypeOf(65_280)]
  const random = types.flatMap((type) =>
    Array.from({ length: 40 }, (_, seed) => ({
      owner: parseName(`r${seed}`, APEX),
      type: type.code,
      class: 1,
      ttl: 60,
      rdata: randomRdata(type, chanceOf(seed)),
    })),
  )
  // BIND is stricter with a few: it takes no fingerprint or key of no octets, which is what has no text.
  return [soa, ns, ...random.filter((record) => record.type === 65_280 || !printRecord(record).includes('\\#'))]
}

describe.each(READERS)('$title', ({ commands, without, args, prints }) => {
  const command = commands.find((name) => pathOf(name) !== undefined)
  const path = command === undefined ? undefined : pathOf(command)
  const reason = `${commands.join(' or ')} is not installed`
  const skipped = path === undefined && process.env['CI'] !== 'true'

  /** The zone that the reader holds after reading ours; undefined if it does not say. */
  function readBy(records: readonly DnsRecord[]): DnsRecord[] | undefined {
    assert.ok(command !== undefined && path !== undefined, reason)
    const file = join(directory, `${command}.zone`)
    writeFileSync(file, [...printZone(records, { origin: APEX })].join(''))
    const printed = execFileSync(path, args(file, command), { encoding: 'latin1', stdio: 'pipe', maxBuffer: 2 ** 26 })
    return prints ? recordsOf(printed) : undefined
  }

  test('MF-11 reads one record of every type that it knows, and holds the same zone', (context) => {
    if (skipped) context.skip(reason)
    const ours = recordsOf(EVERY_TYPE).filter(({ type }) => !without.includes(typeMnemonic(type)))
    const theirs = readBy(ours)
    if (theirs !== undefined) expect(described(theirs)).toEqual(described(ours))
  })

  test('MF-11 reads random data, and holds the same zone', (context) => {
    if (skipped) context.skip(reason)
    const ours = randomZone()
    const theirs = readBy(ours)
    if (theirs !== undefined) expect(lines(theirs)).toEqual(lines(ours))
  })
})

test('the zone above has a record of every type that may be written', () => {
  const seen = new Set(recordsOf(EVERY_TYPE).map(({ type }) => type))
  const missing = RECORD_TYPES.filter(({ code }) => !seen.has(code)).map(({ mnemonic }) => mnemonic)
  expect(missing).toEqual(['MD', 'MF', 'NULL']) // BIND refuses all three in a master file.
})
