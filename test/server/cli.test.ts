import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestContext } from 'vitest'
import { askSerial } from '../interop/ask.ts'
import { freeEndpoint, printEndpoint } from '../interop/endpoint.ts'
import { soaRecord, txtRecord, TYPE } from '../hostile/message.ts'
import { honest, ScriptedPrimary, smallZone } from '../hostile/primary.ts'
import type { Script } from '../hostile/primary.ts'
import { Served, twinzone, twinzoneInShell, twinzoneInTerminal } from './process.ts'
import type { Ended } from './process.ts'

let ours: Served
let zones = 0

beforeAll(async () => {
  ours = await Served.create()
  await ours.start()
}, 60_000)
afterAll(() => ours.remove())

const KEY = { name: 'cli.example', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 9).toString('base64') }
const SIGNED = ['--tsig', `${KEY.name}:${KEY.algorithm}:${KEY.secret}`]

/** A primary with a zone of three records and a SOA, whose serial can be changed. */
async function primaryOf({ onTestFinished }: TestContext, script: Partial<Script> = {}, key?: typeof KEY) {
  const name = `zone${++zones}.example`
  const state = { serial: 1 }
  const primary = await ScriptedPrimary.start(
    { ...honest(`${name}.`, () => state), ...script },
    key === undefined ? {} : { key },
  )
  onTestFinished(() => primary.remove())
  return { name, state, primary, at: ['--primary', printEndpoint(primary.endpoint)] }
}

/** An AXFR that says a little and then waits for a word from the test. */
function held(name: string, serial: number): { axfr: Script['axfr']; goOn: () => void } {
  const gate = Promise.withResolvers<void>()
  const soa = soaRecord(`${name}.`, serial)
  return {
    goOn: gate.resolve,
    axfr: async (line) => {
      line.answer({ answer: [soa, ...smallZone(`${name}.`, serial)] })
      await gate.promise
      line.answer({ answer: [soa] })
    },
  }
}

const json = ({ stdout, stderr, code }: Ended): unknown => {
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return JSON.parse(stdout)
}

/** What a command says that ends well. */
async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ours.cli(args)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

test('zone add --type full, and record add, list, change, remove', async () => {
  const name = `zone${++zones}.example`
  expect(await said('zone', 'add', name, '--type', 'full')).toMatch(`${name} is edited here; its nameservers are ns1.`)
  // At once: what was made a moment ago can be edited.
  expect(await said('record', 'add', name, '@', 'MX', '10', 'mail')).toBe(`added: ${name} MX 10 mail\n`)
  const added = json(await ours.cli(['record', 'add', name, 'www', 'A', '192.0.2.1', '--ttl', '60', '--json']))
  expect(added).toMatchObject({ name: `www.${name}`, ttl: 60 })
  await said('record', 'add', name, 'www', 'AAAA', '2001:db8::1', '--comment', 'six', '--tag', 'a:b', '--tag', 'c')
  await said('record', 'add', name, '_sip._tcp', 'SRV', '1', '2', '5060', 'sip.example')
  const { id } = added as { id: string }
  expect(await said('record', 'list', name)).toMatch(
    new RegExp(
      `^NAME +TTL +TYPE +CONTENT +ID\n${name} +auto +MX +10 mail +[0-9a-f]{32}\n(.*\n)?` +
        `_sip._tcp.${name} +auto +SRV +1 2 5060 sip.example +.*\nwww.${name} +60 +A +192.0.2.1 +${id}\n`,
    ),
  )
  expect(json(await ours.cli(['record', 'list', name, '--name', 'www', '--type', 'AAAA', '--json']))).toMatchObject([
    { content: '2001:db8::1', comment: 'six', tags: ['a:b', 'c'] },
  ])
  expect(await said('record', 'change', name, 'www/A', '--content', '192.0.2.2', '--proxied')).toContain('192.0.2.2')
  expect(json(await ours.cli(['record', 'change', name, id, '--no-proxied', '--ttl', '90', '--json']))).toMatchObject({
    content: '192.0.2.2',
    proxied: false,
    ttl: 90,
  })
  expect(await ours.cli(['record', 'remove', name, 'www'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(id),
  })
  expect(await ours.cli(['record', 'remove', name, 'nothing'])).toMatchObject({
    code: 1,
    stderr: `twinzone: ${name} has no record nothing\n`,
  })
  expect(await said('record', 'remove', name, 'www/AAAA')).toBe(`removed: www.${name} AAAA 2001:db8::1\n`)
  expect(await ours.cli(['record', 'add', name, 'x', 'A', '1.2'])).toMatchObject({
    code: 1,
    stderr: 'twinzone: expected an IPv4 address, found "1.2" (9005)\n',
  })
  expect(await ours.cli(['zone', 'add', 'nobody.example'])).toMatchObject({
    code: 2,
    stderr: 'twinzone: expected --primary, or --type full for a zone that is edited here\n',
  })
})

test('an identical record is told once', async () => {
  const name = `zone${++zones}.example`
  await said('zone', 'add', name, '--type', 'full')
  await said('record', 'add', name, 'www', 'A', '192.0.2.1')
  expect(await ours.cli(['record', 'add', name, `WWW.${name}.`, 'A', '192.0.2.1'])).toMatchObject({
    code: 1,
    stderr: 'twinzone: An identical record already exists. (81058)\n',
  })
})

test('records of a zone with an international name are found in either form', async () => {
  const name = `bücher${++zones}.example`
  expect((await ours.cli(['zone', 'add', name, '--type', 'full'])).code).toBe(0)
  expect((await ours.cli(['record', 'add', name, `größe.${name}`, 'A', '192.0.2.1'])).code).toBe(0)
  for (const spelling of ['GRÖßE', 'xn--gre-6ka8i', `größe.${name.toUpperCase()}.`]) {
    const found = await ours.cli(['record', 'list', name, '--name', spelling, '--json'])
    expect([spelling, (json(found) as unknown[]).length]).toEqual([spelling, 1])
  }
  const removed = await ours.cli(['record', 'remove', name, `größe.${name}/A`])
  expect(removed).toMatchObject({ code: 0, stderr: '' })
})

test('zone add, show, list, export, remove', async (context) => {
  const { name, at, primary } = await primaryOf(context, {}, KEY)
  expect(await ours.cli(['zone', 'add', name, ...at, ...SIGNED, '--wait'])).toEqual({
    code: 0,
    stdout: `${name}: serial 1, 4 records\n`,
    stderr: '',
  })
  expect(await askSerial(ours.dns, `${name}.`)).toBe(1)
  expect(primary.asked(TYPE.AXFR).at(-1)?.mac, 'the transfer was signed').toBeDefined()

  const shown = await ours.cli(['zone', 'show', name])
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toMatch(
    new RegExp(`^zone +${name} \\([0-9a-f]{32}\\)\ntype +secondary\nstate +serving\nserial +1\nrecords +4\n`),
  )
  expect(shown.stdout).toContain(`primary     ${printEndpoint(primary.endpoint)}: serial 1\n`)
  expect(shown.stdout).toMatch(/^nameservers ns1\.secondary\..*, ns2\.secondary\..*\n/m)
  // In any spelling that people use.
  for (const spelling of [`${name}.`, name.toUpperCase()])
    expect((await ours.cli(['zone', 'show', spelling])).stdout.split('\n')[0]).toBe(shown.stdout.split('\n')[0])

  const listed = await ours.cli(['zone', 'list'])
  expect(listed.stdout).toMatch(/^ZONE +STATE +SERIAL +RECORDS +CHECKED +CHANGED\n/)
  expect(listed.stdout).toMatch(new RegExp(`^${name} +serving +1 +4 +\\d+ s ago +\\d+ s ago$`, 'm'))

  const exported = await ours.cli(['zone', 'export', name])
  expect(exported.code).toBe(0)
  const lines = exported.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/\s+/).join(' '))
  expect(lines.join('\n')).toContain(`IN SOA ns1.${name}. host.${name}. 1 3600 3600 1209600 300`)
  expect(exported.stdout).toContain('"version 1"')

  expect(await ours.cli(['zone', 'remove', name])).toEqual({ code: 0, stdout: `${name} is gone\n`, stderr: '' })
  expect(await askSerial(ours.dns, `${name}.`)).toBeUndefined()
  expect((await ours.cli(['zone', 'show', name])).code).toBe(1)
})

test('a zone that has just become secondary is shown as served, without a serial of a primary', async () => {
  const name = `zone${++zones}.example`
  const { id } = json(await ours.cli(['zone', 'add', name, '--type', 'full', '--json'])) as { id: string }
  const changed = await ours.fetch(`/client/v4/zones/${id}`, { method: 'PATCH', body: '{"type":"secondary"}' })
  expect(changed.status).toBe(200)
  expect(await said('zone', 'show', name)).toMatch(
    /^type +secondary\nstate +serving\nserial +none from a primary yet\n/m,
  )
})

test('outgoing link adds secondaries, and makes what is missing of them', async () => {
  const name = `zone${++zones}.example`
  await ours.cli(['zone', 'add', name, '--type', 'full'])
  const [first, second] = [await freeEndpoint(), await freeEndpoint()].map((each) => printEndpoint(each))
  const key = ['--tsig', `out.${name}:${KEY.algorithm}:${KEY.secret}`]
  const options = ['--secondary', first ?? '', ...key]
  expect(await said('outgoing', 'link', name, ...options)).toBe(`${name} is handed on to ${first}\n`)
  expect(await said('outgoing', 'link', name, ...options), 'the same again').toBe(`${name} is handed on to ${first}\n`)
  const linked = json(await ours.cli(['outgoing', 'link', name, '--secondary', second ?? '', ...key, '--json']))
  expect(linked).toMatchObject({ name, enabled: true, peers: [{ address: first }, { address: second }] })
  const shown = await said('zone', 'show', name)
  expect(shown).toMatch(/^type +full\n/m)
  expect(shown, 'of a zone that follows nobody').not.toMatch(/^(checked|next check|expires) /m)
  expect(shown).toMatch(new RegExp(`^outgoing +enabled\nsecondary +${first}: nothing transferred, `, 'm'))
})

test('a peer and a key are the same however they are spelt', async () => {
  const name = `zone${++zones}.example`
  await said('zone', 'add', name, '--type', 'full')
  const padded = Buffer.alloc(31, 7).toString('base64')
  const link = (address: string, secret: string) =>
    ours.cli([
      'outgoing',
      'link',
      name,
      '--secondary',
      address,
      '--tsig',
      `spelt.${name}:hmac-sha256:${secret}`,
      '--json',
    ])
  expect(json(await link('2001:DB8:0::21', padded))).toMatchObject({ peers: [{ address: '[2001:DB8:0::21]:53' }] })
  expect((json(await link('2001:db8::21', padded.replaceAll('=', ''))) as { peers: object[] }).peers).toHaveLength(1)
})

test('outgoing disable, enable, notify, unlink', async () => {
  const name = `zone${++zones}.example`
  await ours.cli(['zone', 'add', name, '--type', 'full'])
  const endpoint = printEndpoint(await freeEndpoint())
  await said('outgoing', 'link', name, '--secondary', endpoint)
  expect(await said('outgoing', 'disable', name)).toBe(`${name} is handed on no more\n`)
  expect(await ours.cli(['outgoing', 'notify', name])).toEqual({
    code: 0,
    stdout: `${name} is handed on to nobody just now: "outgoing enable" changes that\n`,
    stderr: 'twinzone: outgoing transfers are disabled: nobody was notified\n',
  })
  expect(await said('outgoing', 'enable', name)).toBe(`${name} is handed on\n`)
  expect(await said('outgoing', 'notify', name)).toBe(`${name} is told to its secondaries\n`)
  expect(await said('outgoing', 'unlink', name)).toBe(`${name} has no secondaries any more\n`)
  expect((await ours.cli(['outgoing', 'enable', name])).stderr).toBe(
    'twinzone: the zone has no outgoing configuration (12041)\n',
  )
})

test('zone settings are shown and changed, and what is none of them is refused', async () => {
  const name = `zone${++zones}.example`
  await ours.cli(['zone', 'add', name, '--type', 'full'])
  expect(await said('zone', 'settings', name)).toMatch(/^multi_provider +false\n/m)
  const changes = ['multi_provider=true', 'soa.refresh=7200', 'soa.rname=dns.example.net', 'serial=unixtime']
  const changed = json(await ours.cli(['zone', 'settings', name, ...changes, '--json']))
  expect(changed).toMatchObject({
    multi_provider: true,
    'soa.refresh': 7200,
    'soa.rname': 'dns.example.net',
    serial: 'unixtime',
  })
  const back = await said('zone', 'settings', name, 'soa.rname=default', 'serial=default')
  expect(back).toMatch(/^serial +default\n/m)
  expect(back).toMatch(/^soa\.refresh +7200\n/m)
  const strange = await ours.cli(['zone', 'settings', name, 'multiprovider=true'])
  expect([strange.code, strange.stderr]).toEqual([2, expect.stringMatching(/soa\.mname.*, found "multiprovider=true"/)])
  expect((await ours.cli(['zone', 'settings', name, 'ns_ttl=1'])).code).toBe(1)
  for (const idle of ['soa.refresh=default', 'ns_ttl=null'])
    expect(await ours.cli(['zone', 'settings', name, idle])).toEqual({
      code: 2,
      stdout: '',
      stderr: `twinzone: expected a value: only soa.mname, soa.rname, serial have a default, found "${idle}"\n`,
    })
})

test('what the server has to say of a change is told on standard error', async (context) => {
  const { name, at } = await primaryOf(context)
  await said('zone', 'add', name, ...at)
  const kept = await ours.cli(['zone', 'settings', name, 'soa.refresh=3600', '--json'])
  expect(kept).toMatchObject({
    code: 0,
    stderr: 'twinzone: soa: kept, and without effect while the zone is secondary\n',
  })
  expect(JSON.parse(kept.stdout)).toMatchObject({ 'soa.refresh': 3600 })
  const weak = `weak.${name}:hmac-sha1:${KEY.secret}`
  const linked = await ours.cli(['outgoing', 'link', name, '--secondary', '192.0.2.9', '--tsig', weak])
  expect(linked).toMatchObject({ code: 0, stderr: expect.stringMatching(/^twinzone: hmac-sha1 is not recommended/) })
})

test('record import adds a master file, and says what was left out', async () => {
  const name = `zone${++zones}.example`
  await ours.cli(['zone', 'add', name, '--type', 'full'])
  const file = join(ours.folder, `${name}.zone`)
  writeFileSync(file, `$ORIGIN ${name}.\n@ 300 SOA ns. h. 1 2 3 4 5\nwww 5 A 192.0.2.1\n@ 300 TXT "x"\n`)
  const first = await ours.cli(['record', 'import', name, file])
  expect(first).toMatchObject({ code: 0, stdout: `${name}: 2 of 3 records added\n` })
  expect(first.stderr).toBe('twinzone: the TTL 5 is out of range and becomes 30\n')
  const again = await twinzoneInShell(`record import ${name} - --json < ${file}`, { environment: ours.client })
  expect(JSON.parse(again.stdout)).toMatchObject({ recs_added: 0, total_records_parsed: 3 })
  expect(again.stderr).toContain('2 records were there already')
  expect((await ours.cli(['record', 'import', name, `${file}.not`])).stderr).toContain(`cannot read ${file}.not: `)
})

test('records whose name has a slash are found by it, with a type behind it and without', async () => {
  const name = `zone${++zones}.example`
  await said('zone', 'add', name, '--type', 'full')
  await said('record', 'add', name, '0/25', 'NS', 'ns.example.net')
  await said('record', 'add', name, '1.0/25', 'PTR', 'one.example.net')
  await said('record', 'add', name, '1.0/25', 'TXT', 'one')
  expect(await said('record', 'change', name, '0/25', '--comment', 'half')).toContain(`0/25.${name} NS`)
  expect(await said('record', 'remove', name, `1.0/25.${name}/PTR`)).toBe(
    `removed: 1.0/25.${name} PTR one.example.net\n`,
  )
  expect(await said('record', 'remove', name, `1.0/25.${name}`)).toContain(`removed: 1.0/25.${name} TXT`)
})

interface Token {
  readonly id: string
  readonly value: string
  readonly policies: readonly object[]
}

const VALUE = '[\\w-]{40}'

test('token create, list, show', async () => {
  const name = `zone${++zones}.example`
  await ours.cli(['zone', 'add', name, '--type', 'full'])
  const options = ['--allow', 'dns write', '--allow', 'Zone Read', '--zone', name, '--from', '127.0.0.0/8']
  const made = await said('token', 'create', 'for certificates', ...options, '--expires', '2099-01-31')
  const [, id = ''] =
    new RegExp(`^for certificates \\(([0-9a-f]{32})\\)\nits value, told this once: ${VALUE}\n$`).exec(made) ?? []
  expect(id, made).not.toBe('')
  expect(await said('token', 'list')).toMatch(
    new RegExp(
      '^NAME +STATUS +ABOUT +EXPIRES +USED +ID\n(.*\n)*' +
        `for certificates +active +DNS Write, Zone Read +2099-01-31T00:00:00Z +never +${id}\n`,
    ),
  )
  const shown = await said('token', 'show', 'for certificates')
  expect(shown).toMatch(/^expires +2099-01-31T00:00:00Z\nfrom +127\.0\.0\.0\/8\n/m)
  expect(shown).toContain(`policy      allow DNS Write, Zone Read on ${name}\n`)
})

test('token verify, roll, revoke', async () => {
  const name = `zone${++zones}.example`
  await ours.cli(['zone', 'add', name, '--type', 'full'])
  const options = ['--allow', 'DNS Write', '--zone', name, '--expires', '2099-01-31', '--json']
  const { id, value } = json(await ours.cli(['token', 'create', `for ${name}`, ...options])) as Token
  const as = (token: string, args: string[]) =>
    twinzone(args, { environment: { ...ours.client, TWINZONE_TOKEN: token } })
  expect(await as(value, ['token', 'verify'])).toEqual({
    code: 0,
    stdout: `the token ${id} is active, and expires on 2099-01-31T00:00:00Z\n`,
    stderr: '',
  })
  expect(await as(value, ['record', 'add', name, 'www', 'A', '192.0.2.1'])).toMatchObject({ code: 0 })
  expect((await as(value, ['zone', 'remove', name])).stderr, 'no word of another token').toBe(
    `twinzone: the token may not do this: it needs "Zone Write" on the zone ${name} (10000)\n`,
  )
  const rolled = json(await ours.cli(['token', 'roll', id, '--json']))
  expect(rolled).toEqual({ id, name: `for ${name}`, value: expect.stringMatching(VALUE) })
  expect((await as(value, ['token', 'verify'])).code).toBe(1)
  expect((await as((rolled as Token).value, ['token', 'verify'])).code).toBe(0)
  expect(await said('token', 'revoke', `for ${name}`)).toBe(`for ${name} (${id}) counts no more\n`)
  expect((await ours.cli(['token', 'show', id])).stderr).toBe(
    `twinzone: there is no token "${id}"; "twinzone token list" lists them\n`,
  )
})

test('tokens of the user, for all zones but one, and about the account and the user', async () => {
  const name = `zone${++zones}.example`
  await ours.cli(['zone', 'add', name, '--type', 'full'])
  const groups = ['DNS Edit', 'Account Settings Read', 'API Tokens Read'].flatMap((group) => ['--allow', group])
  const made = await ours.cli(['token', 'create', 'wide', '--user', ...groups, '--except', name, '--json'])
  const { id, policies } = json(made) as Token
  const account = await ours.account()
  expect(policies).toMatchObject([
    {
      effect: 'allow',
      permission_groups: [{ name: 'DNS Write' }],
      resources: { 'com.cloudflare.api.account.zone.*': '*' },
    },
    { effect: 'allow', resources: { 'com.cloudflare.api.account.*': '*' } },
    { effect: 'allow', permission_groups: [{ name: 'API Tokens Read' }] },
    { effect: 'deny', permission_groups: [{ name: 'DNS Write' }] },
  ])
  const shown = await said('token', 'show', 'wide', '--user')
  for (const line of [
    'allow DNS Write on all zones',
    'allow Account Settings Read on all accounts',
    'allow API Tokens Read on the user',
    `deny DNS Write on ${name}`,
  ])
    expect(shown).toContain(`policy      ${line}\n`)
  // Other tests have tokens of the user meanwhile.
  expect(json(await ours.cli(['token', 'list', '--user', '--json']))).toContainEqual(
    expect.objectContaining({ id, name: 'wide' }),
  )
  expect(await said('token', 'list', '--account', account)).not.toContain(id)
  expect(json(await ours.cli(['token', 'revoke', id, '--user', '--json']))).toEqual({ id })
  expect(await said('token', 'groups')).toMatch(/^GROUP +ABOUT +ID\nZone Read +zone +[0-9a-f]{32}\n/)
})

test('a token of the user for one account has the zones of that account only', async () => {
  const account = await ours.account()
  const all = { 'com.cloudflare.api.account.zone.*': '*' }
  const options = ['--user', '--account', account, '--allow', 'DNS Write']
  const { id, policies } = json(await ours.cli(['token', 'create', 'one', ...options, '--json'])) as Token
  expect(policies).toMatchObject([{ resources: { [`com.cloudflare.api.account.${account}`]: all } }])
  expect(await said('token', 'show', id, '--user')).toContain(
    `allow DNS Write on all zones of the account ${account}\n`,
  )
  await said('token', 'revoke', id, '--user')
})

test('what a token cannot be is told in a sentence', async () => {
  const ends = async (code: number, sentence: string, ...args: string[]) =>
    expect(await ours.cli(['token', 'create', 'x', ...args])).toEqual({
      code,
      stdout: '',
      stderr: `twinzone: ${sentence}\n`,
    })
  await ends(2, 'expected --allow with a permission group, for example "DNS Write"')
  await ends(1, 'there is no permission group "DNS"; "twinzone token groups" lists them', '--allow', 'DNS')
  await ends(1, 'there is no such zone (1001)', '--allow', 'DNS Read', '--zone', 'nowhere.example')
  const ofAccount = ['--allow', 'Account Settings Read', '--zone', 'a.example']
  await ends(2, 'expected --allow with a group about zones, because a.example is named', ...ofAccount)
  await ends(2, 'expected --zone or --except, found both', '--allow', 'DNS Read', '--zone', 'a', '--except', 'b')
  const nobody = await ours.cli(['token', 'list', '--account', 'Nobody'])
  expect(nobody.stderr).toMatch(
    /^twinzone: expected --account .*, found "Nobody":\n {2}[0-9a-f]{32} {2}Default account\n/,
  )
})

test('every verb prints JSON when asked to', async (context) => {
  const { name, at } = await primaryOf(context)
  const added = json(await ours.cli(['zone', 'add', name, ...at, '--wait', '--json']))
  expect(added).toMatchObject({ name, soa_serial: 1, record_count: 4, state: 'serving' })
  expect(json(await ours.cli(['zone', 'show', name, '--json']))).toMatchObject({ name, soa_serial: 1 })
  expect(json(await ours.cli(['zone', 'list', '--json']))).toContainEqual(
    expect.objectContaining({ name, state: 'serving' }),
  )
  expect(json(await ours.cli(['transfer', 'start', name, '--wait', '--json']))).toMatchObject({
    asked: 'SOA',
    outcome: 'done',
    trigger: 'api',
  })
  expect(json(await ours.cli(['transfer', 'start', name, '--json']))).toEqual({ id: expect.any(String) })
  expect(json(await ours.cli(['transfer', 'list', name, '--json']))).toContainEqual(
    expect.objectContaining({ form: 'AXFR', outcome: 'done', to_serial: 1, records: expect.any(Number) }),
  )
  expect(json(await ours.cli(['status', '--json']))).toMatchObject({ ready: true, version: expect.any(String) })
  expect(json(await ours.cli(['zone', 'remove', name, '--json']))).toEqual({ id: expect.any(String) })
})

test('CF-064: transfer start checks, fetches what is newer, and with --full fetches everything', async (context) => {
  const { name, at, state, primary } = await primaryOf(context)
  await ours.cli(['zone', 'add', name, ...at, '--no-ixfr', '--wait'])
  expect(await ours.cli(['transfer', 'start', name])).toEqual({ code: 0, stdout: `${name}: started\n`, stderr: '' })
  const nothing = await ours.cli(['transfer', 'start', name, '--wait'])
  expect(nothing).toMatchObject({ code: 0, stderr: '' })
  expect(nothing.stdout).toMatch(new RegExp(`^${name}: serial 1; nothing newer in \\d+ ms\n$`))
  state.serial = 2
  const newer = await ours.cli(['transfer', 'start', name, '--wait'])
  expect(newer.stdout).toMatch(new RegExp(`^${name}: serial 2; AXFR, \\d+ records, \\d+ B in \\d+ ms\n$`))
  const before = primary.asked(TYPE.AXFR).length
  const full = await ours.cli(['transfer', 'start', name, '--full', '--wait'])
  expect(full.stdout).toMatch(new RegExp(`^${name}: serial 2; AXFR, `))
  expect(primary.asked(TYPE.AXFR).length).toBe(before + 1)

  const listed = await ours.cli(['transfer', 'list', name, '--limit', '2'])
  expect(listed.stdout).toMatch(/^AT +WAY +PEER +TRIGGER +ASKED +FORM +SERIAL +RECORDS +TOOK +OUTCOME\n/)
  expect(listed.stdout.trimEnd().split('\n')).toHaveLength(3)
  expect(listed.stdout).toMatch(/ api +AXFR +AXFR +2 +\d+ +\d+ ms +done\n/)
})

test('status says how the server stands', async () => {
  const { code, stdout } = await ours.cli(['status'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^twinzone \d+\.\d+\.\d+, started \d+ (s|min) ago, ready\n/)
  expect(stdout).toContain(`DNS on ${printEndpoint(ours.dns)}\n`)
  expect(stdout).toMatch(/^\d+ zones serving, \d+ empty, 0 expired\n/m)
  expect(stdout).toMatch(/^\d+ records, \d+ transfers running\n/m)
})

test('what goes wrong is told in a sentence, with exit code 1', async (context) => {
  const { name, at } = await primaryOf(context)
  const told = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await ours.cli(args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^twinzone: /)
    expect(stderr).not.toContain('    at ')
    return stderr
  }
  for (const verb of [
    ['zone', 'show'],
    ['zone', 'export'],
    ['zone', 'remove'],
    ['transfer', 'start'],
    ['transfer', 'list'],
  ])
    expect(await told([...verb, 'nowhere.example'])).toMatch(/zone/i)
  await ours.cli(['zone', 'add', name, ...at])
  expect(await told(['zone', 'add', name, ...at])).toContain(`the zone "${name}" already exists`)
  expect(await told(['zone', 'add', 'not..a.name', ...at])).toContain('not..a.name')
  const key = `${KEY.name}:hmac-sha512:${KEY.secret}`
  await ours.cli(['zone', 'add', `other.${name}`, ...at, ...SIGNED])
  expect(await told(['zone', 'add', `third.${name}`, ...at, '--tsig', key])).toContain(
    'a key named cli.example. exists with another algorithm or secret',
  )
})

test('a server that is not there, or wants another token, is told in a sentence', async () => {
  const status = (environment: Readonly<Record<string, string>>): Promise<Ended> =>
    twinzone(['status'], { environment: { ...ours.client, ...environment } })
  const nobody = `http://${printEndpoint(await freeEndpoint())}`
  expect(await status({ TWINZONE_URL: nobody })).toEqual({
    code: 1,
    stdout: '',
    stderr: `twinzone: cannot reach ${nobody}: ECONNREFUSED; is the server running?\n`,
  })
  expect((await status({ TWINZONE_TOKEN: 'wrong' })).stderr).toBe(
    'twinzone: authentication error (10000); set TWINZONE_TOKEN to a token that works\n',
  )
  const elsewhere = ['--allow', 'DNS Read', '--from', '192.0.2.0/24', '--json']
  const { value } = json(await ours.cli(['token', 'create', 'elsewhere', ...elsewhere])) as Token
  expect((await status({ TWINZONE_TOKEN: value })).stderr).toMatch(
    /^twinzone: .*127\.0\.0\.1.* \(10000\); set TWINZONE_TOKEN to a token that works\n$/,
  )
  const file = (name: string, text: string): string => {
    const path = join(ours.folder, name)
    writeFileSync(path, text)
    return path
  }
  const files = {
    TWINZONE_URL_FILE: file('url', `${ours.url}\n`),
    TWINZONE_TOKEN_FILE: file('token', `${ours.token}\n`),
  }
  expect((await status({ ...files, TWINZONE_URL: nobody, TWINZONE_TOKEN: 'wrong' })).code).toBe(0)
  const lost = join(ours.folder, 'nothing')
  expect((await status({ TWINZONE_TOKEN_FILE: lost })).stderr).toContain(`cannot read ${lost} (TWINZONE_TOKEN_FILE): `)
  const none = await twinzone(['status'], { environment: { TWINZONE_URL: ours.url } })
  expect(none.code).toBe(1)
  expect(none.stderr).toContain('set TWINZONE_TOKEN to the token printed at the first start')
})

test.for([
  [[]],
  [['zone']],
  [['zone', 'add', 'example.org']],
  [['zone', 'add', 'example.org', '--primary', 'ns1.example.net']],
  [['zone', 'add', 'example.org', '--primary', '192.0.2.1', '--tsig', 'key:secret']],
  [['zone', 'add', 'example.org', '--primary', '192.0.2.1', '--refresh', '5']],
  [['zone', 'frobnicate']],
  [['zone', 'show']],
  [['zone', 'show', 'a.example', 'b.example']],
  [['transfer', 'list', 'example.org', '--limit', '0']],
  [['token', 'create']],
  [['token', 'create', 'x', '--allow', 'DNS Read', '--expires', 'tomorrow']],
  [['status', '--colour']],
  [['serve', 'now']],
])('misuse is exit code 2: twinzone %j', async ([args]) => {
  const { code, stdout, stderr } = await twinzone(args ?? [])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).not.toBe('')
})

test('help and version are exit code 0', async () => {
  expect(await twinzone(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  const { code, stdout } = await twinzone(['zone', 'add', '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('--primary <address[:port]>')
  expect(stdout).toContain('TWINZONE_TOKEN')
})

test('a first transfer that fails says why, by name; the zone stays and comes when the primary lets it', async (context) => {
  const { name, at, primary, state } = await primaryOf(context, {
    soa: (line) => line.answer({ rcode: 5 }),
    axfr: (line) => line.answer({ rcode: 5 }),
    ixfr: (line) => line.answer({ rcode: 5 }),
  })
  const { code, stdout, stderr } = await ours.cli(['zone', 'add', name, ...at, '--wait'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(`twinzone: ${name} from ${printEndpoint(primary.endpoint)}: `)
  expect(stderr).toContain('REFUSED')
  expect(stderr).toMatch(/\nThe zone stays and is tried again; "zone remove" takes it away\.\n$/)
  primary.script = honest(`${name}.`, () => state)
  expect((await ours.cli(['transfer', 'start', name, '--wait'])).stdout).toContain(`${name}: serial 1; AXFR`)
})

test('what a failed `zone add` made is taken back', async (context) => {
  const { name, at, primary } = await primaryOf(context)
  const account = await ours.account()
  const listed = async (kind: string): Promise<string> =>
    (await ours.fetch(`/client/v4/accounts/${account}/secondary_dns/${kind}`)).text()
  const key = `back.${name}:hmac-sha256:${KEY.secret}`
  expect((await ours.cli(['zone', 'add', 'not..a.name', ...at, '--tsig', key])).code).toBe(1)
  expect(await listed('tsigs')).not.toContain(`back.${name}`)
  expect(await listed('peers')).not.toContain(`"port":${primary.endpoint.port},`)
})

test('a moving line shows how far a transfer is, in a terminal only', async (context) => {
  const { name, at, state, primary } = await primaryOf(context)
  await ours.cli(['zone', 'add', name, ...at, '--no-ixfr', '--wait'])
  const watch = async (run: typeof twinzone, environment: Readonly<Record<string, string>>): Promise<Ended> => {
    state.serial++
    const { axfr, goOn } = held(name, state.serial)
    primary.script = { ...honest(`${name}.`, () => state), axfr }
    const asked = primary.asked(TYPE.AXFR).length
    const ending = run(['transfer', 'start', name, '--wait'], {
      environment: { ...ours.client, TERM: 'xterm', ...environment },
      heard: (text) => {
        if (text.includes('\r[')) goOn()
      },
    })
    await primary.waitForQuery(TYPE.AXFR, { count: asked + 1 })
    if (run === twinzone || environment['TERM'] === 'dumb') goOn()
    return ending
  }
  const looked = await watch(twinzoneInTerminal, { NO_COLOR: '1' })
  expect(looked.code).toBe(0)
  expect(looked.stdout).toMatch(/\r\[#*\.*\] +\d+% {2}\d+ records {2}\d/)
  expect(looked.stdout).toMatch(new RegExp(`\r${name}: serial 2; AXFR, `))
  expect(looked.stdout, 'no escape sequences').not.toContain('\u001b')
  const piped = await watch(twinzone, {})
  expect(piped).toMatchObject({ code: 0, stderr: '' })
  expect(piped.stdout).not.toContain('\r')
  const dumb = await watch(twinzoneInTerminal, { TERM: 'dumb' })
  expect(dumb.stdout).not.toContain('\r[')
})

test('a reader that has read enough ends an export without a word', async (context) => {
  const name = `zone${++zones}.example`
  const records = Array.from({ length: 20_000 }, (_, at) => txtRecord(`t${at}.${name}.`, 'x'.repeat(40)))
  const { primary, at } = await primaryOf(context)
  const state = { serial: 1, records: [...smallZone(`${name}.`, 1), ...records] }
  primary.script = honest(`${name}.`, () => state)
  await ours.cli(['zone', 'add', name, ...at, '--wait'])
  const { code, stdout, stderr } = await twinzoneInShell(`zone export ${name} | head -n 3`, {
    environment: ours.client,
  })
  expect({ code, stderr, lines: stdout.split('\n').length }).toEqual({ code: 0, stderr: '', lines: 4 })
})

test('on a terminal the log is for people, in colours unless NO_COLOR says no; Ctrl-C ends it', async (context) => {
  for (const colours of [{}, { NO_COLOR: '1' }]) {
    const { environment } = await Served.prepare(context)
    const { code, stdout } = await twinzoneInTerminal(['serve'], {
      environment: { ...environment, TWINZONE_LOG: undefined, NO_COLOR: undefined, TERM: 'xterm', ...colours },
      heard: (text, type) => {
        if (text.includes('ready')) type('\u0003')
      },
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/\[\d\d:\d\d:\d\d\.\d{3}\] .*INFO.*: .*ready/)
    expect(stdout).toMatch(/stopped/)
    expect(stdout.includes('\u001b['), 'colours').toBe(!('NO_COLOR' in colours))
  }
})
