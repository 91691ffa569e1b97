import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands, run } from './page.ts'
import { Served } from './process.ts'

/** Without npm, which takes its time. */
const TWINZONE = 'bin/twinzone'
const SIGNED = { 'hmac-sha256:SECRET': `hmac-sha256:${Buffer.alloc(32, 3).toString('base64')}` }

test('the first zone of your own is made and handed on as the README says', async (context) => {
  const ours = await Served.begin(context)
  const dig = { '@127.0.0.1 -p 5300': `@${ours.dns.address} -p ${ours.dns.port} +short` }
  const made = await run(commands('--type full', { 'npx twinzone': TWINZONE, ...dig }), ours.client)
  expect(made).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\n192\.0\.2\.10\n$/) })
  const handed = await run(commands('outgoing link', { 'npx twinzone': TWINZONE, ...SIGNED }), ours.client)
  expect(handed).toMatchObject({ code: 0, stderr: '' })
  expect(handed.stdout).toContain('example.net is handed on to 198.51.100.9:53\n')
})

test('what the manual shows of the command line works as it says', async (context) => {
  const ours = await Served.begin(context)
  const zoneFile = join(ours.folder, 'example.org.zone')
  writeFileSync(zoneFile, '$ORIGIN example.org.\nmail 300 A 192.0.2.25\n')
  const pages = [
    ['records', 'record import', { 'import example.org example.org.zone': `import example.org ${zoneFile}` }],
    ['zones', 'zone settings', {}],
    ['primary', 'outgoing link', SIGNED],
    ['tokens', 'token create', {}],
  ] as const
  for (const [name, holding, replaced] of pages) {
    const script = commands(holding, { 'npx twinzone': TWINZONE, ...replaced }, `docs/manual/${name}.md`)
    const { code, stderr } = await run(script, ours.client)
    expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' })
  }
})

test('overrides are made as the manual says', async (context) => {
  const ours = await Served.begin(context)
  const zone = { account: { id: await ours.account() }, name: 'example.org', type: 'full' }
  const { result } = (await (await ours.post('/client/v4/zones', zone)).json()) as { result: { id: string } }
  const path = `/client/v4/zones/${result.id}`
  await ours.fetch(path, { method: 'PATCH', body: '{"type":"secondary"}' })
  const script = commands('secondary_overrides', { 'npx twinzone': TWINZONE }, 'docs/manual/secondary.md')
  expect(await run(script, ours.client)).toMatchObject({ code: 0, stderr: '' })
  const { result: records } = (await (await ours.fetch(`${path}/dns_records?type=A`)).json()) as { result: object[] }
  expect(records).toMatchObject([{ name: 'www.example.org', content: '192.0.2.1', proxied: true }])
})
