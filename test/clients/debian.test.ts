import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clientMissing, Provider, type ClientProgram } from './clients.ts'

const LEXICON: ClientProgram = { path: '/usr/bin/lexicon', package: 'lexicon' }
const DDCLIENT: ClientProgram = { path: '/usr/bin/ddclient', package: 'ddclient' }
const CERTBOT: ClientProgram = {
  path: '/usr/lib/python3/dist-packages/certbot_dns_cloudflare',
  package: 'python3-certbot-dns-cloudflare',
}

/** A suite that stands aside, and says why, where its client is not there. */
function suite(name: string, program: ClientProgram, tests: () => void): void {
  const missing = clientMissing(program)
  describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name}, left out: ${missing}`, tests)
}

suite('lexicon', LEXICON, () => {
  test('makes, lists, changes and removes a record', async (context) => {
    const provider = await Provider.start(context)
    const lexicon = async (verb: string): Promise<string> => {
      const { code, stdout, stderr } = await provider.run(
        `lexicon cloudflare ${verb} --auth-token "$TOKEN" --output JSON`,
      )
      expect(code, stderr).toBe(0)
      return stdout
    }
    await lexicon('create example.com TXT --name probe.example.com --content hello --ttl 120')
    expect(await provider.dns('probe.example.com', 'TXT')).toEqual(['"hello"'])
    await lexicon('create example.com TXT --name probe.example.com --content hello --ttl 120')
    const [listed] = JSON.parse(await lexicon('list example.com TXT --name probe.example.com')) as { id: string }[]
    expect(listed).toMatchObject({ type: 'TXT', name: 'probe.example.com', content: 'hello', ttl: 120 })
    await lexicon(`update example.com TXT --identifier ${listed?.id} --name probe.example.com --content changed`)
    expect(await provider.dns('probe.example.com', 'TXT')).toEqual(['"changed"'])
    // MX it cannot make: this lexicon sends no priority for any record, and one is required.
    await lexicon('create example.com CNAME --name alias.example.com --content www.example.com')
    expect(await provider.dns('alias.example.com', 'CNAME')).toEqual(['www.example.com.'])
    await lexicon('delete example.com TXT --name probe.example.com')
    expect(await provider.dns('probe.example.com', 'TXT')).toEqual([])
  })
})

suite('certbot', CERTBOT, () => {
  test('its plugin proves a name and cleans up', async (context) => {
    const provider = await Provider.start(context)
    const script = join(provider.server.folder, 'prove.py')
    writeFileSync(
      script,
      `
import os, sys
from certbot_dns_cloudflare._internal.dns_cloudflare import _CloudflareClient
client = _CloudflareClient(api_token=os.environ['TOKEN'])
getattr(client, sys.argv[1])('www.example.com', '_acme-challenge.www.example.com', *sys.argv[2:3], *([120] if sys.argv[1].startswith('add') else []))
`,
    )
    const prove = (...args: string[]) => provider.run(`/usr/bin/python3 ${script} ${args.join(' ')}`)
    expect(await prove('add_txt_record', 'first-token')).toMatchObject({ code: 0 })
    expect(await prove('add_txt_record', 'second-token')).toMatchObject({ code: 0 })
    const name = '_acme-challenge.www.example.com'
    expect((await provider.dns(name, 'TXT')).toSorted()).toEqual(['"first-token"', '"second-token"'])
    expect(await prove('del_txt_record', 'first-token')).toMatchObject({ code: 0 })
    expect(await provider.dns(name, 'TXT')).toEqual(['"second-token"'])
  })
})

suite('ddclient', DDCLIENT, () => {
  test('puts a new address into a record that is there', async (context) => {
    const provider = await Provider.start(context)
    const { server } = provider
    const zones = (await (await server.fetch('/client/v4/zones?name=example.com')).json()) as {
      result: { id: string }[]
    }
    const records = `/client/v4/zones/${zones.result[0]?.id}/dns_records`
    await server.post(records, { type: 'A', name: 'home.example.com', content: '198.51.100.1', ttl: 60 })
    const config = join(server.folder, 'ddclient.conf')
    writeFileSync(
      config,
      `daemon=0
ssl=yes
ssl_ca_file=${join(server.data, 'ca.pem')}
use=ip, ip=192.0.2.77
protocol=cloudflare, zone=example.com, ttl=60, login=token, password=${server.token} home.example.com
`,
      { mode: 0o600 },
    )
    const cache = join(server.folder, 'cache')
    const ended = await provider.run(`ddclient -daemon=0 -force -verbose -noquiet -file ${config} -cache ${cache}`)
    expect(ended.stdout + ended.stderr).toMatch(/SUCCESS|good: IP/i)
    expect(await provider.dns('home.example.com', 'A')).toEqual(['192.0.2.77'])
  })
})
