import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askSerial, waitForSerial } from '../interop/ask.ts'
import { freeEndpoint, isFree, printEndpoint } from '../interop/endpoint.ts'
import type { Endpoint } from '../interop/endpoint.ts'
import { honest, ScriptedPrimary } from '../hostile/primary.ts'
import { commands, run } from './page.ts'
import { Served, twinzoneInTerminal } from './process.ts'

const SECRET = Buffer.alloc(32, 3).toString('base64')
const KEY = { name: 'transfer.example', algorithm: 'hmac-sha256', secret: SECRET }

test('the first transfer by the command line works as the README says', async (context) => {
  const primary = await ScriptedPrimary.start(
    honest('example.org.', () => ({ serial: 2026112101 })),
    { key: KEY },
  )
  context.onTestFinished(() => primary.remove())
  const ours = await Served.begin(context)
  const script = commands('zone add', {
    '…the token…': ours.token,
    '192.0.2.1': printEndpoint(primary.endpoint),
    'hmac-sha256:SECRET': `hmac-sha256:${SECRET}`,
    '@127.0.0.1 -p 5300': `@${ours.dns.address} -p ${ours.dns.port} +short`,
  })
  const { code, stdout, stderr } = await run(script, { TWINZONE_URL: ours.url })
  expect({ code, stderr: stderr.replaceAll(/^npm warn.*\n/gm, '') }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('example.org: serial 2026112101, 4 records\n')
  expect(stdout).toContain('1 zones serving')
  expect(stdout).toContain('ns1.example.org. host.example.org. 2026112101')
})

test('the same by four API calls works as the README says', async (context) => {
  const primary = await ScriptedPrimary.start(
    honest('example.org.', () => ({ serial: 7 })),
    { key: KEY },
  )
  context.onTestFinished(() => primary.remove())
  const ours = await Served.begin(context)
  // The ids of the README come out of the answers; `id` keeps that of the last one.
  const script = commands('secondary_dns/incoming', {
    'http://127.0.0.1:8053': ours.url,
    '"secret":"SECRET"': `"secret":"${SECRET}"`,
    '"ip":"192.0.2.1","port":53': `"ip":"${primary.endpoint.address}","port":${primary.endpoint.port}`,
    TSIG_ID: `'"$(id tsig)"'`,
    PEER_ID: `'"$(id peer)"'`,
    '/zones/ZONE_ID/': '/zones/$(id zone)/',
  })
  const lines = script.trimEnd().split('\n')
  const [define, ...calls] = lines
  const kept = calls.map((line, at) => `${line} >$HOME/${['tsig', 'peer', 'zone', 'incoming'][at]}`)
  const preparation = [
    define,
    `id() { sed 's/.*"result":{"id":"\\([0-9a-f]*\\)".*/\\1/' "$HOME/$1"; }`,
    `A=${await ours.account()}`,
  ]
  const ended = await run([...preparation, ...kept].join('\n'), { TWINZONE_TOKEN: ours.token, HOME: ours.folder })
  expect(ended).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(readFileSync(join(ours.folder, 'incoming'), 'utf8')).toContain('"success":true')
  await waitForSerial(ours.dns, { apex: 'example.org.', serial: 7 })
})

/** Two ports in a row: the demonstration's secondary and its primary. */
async function freePair(): Promise<Endpoint> {
  for (;;) {
    const first = await freeEndpoint()
    if (await isFree({ ...first, port: first.port + 1 })) return first
  }
}

test('the demonstration shows a signed transfer within ten seconds, and leaves nothing behind', async (context) => {
  const ours = await Served.prepare(context)
  const dns = await freePair()
  const environment = { ...ours.environment, TWINZONE_DNS: printEndpoint(dns), TMPDIR: ours.folder }
  const start = performance.now()
  const signed = /^secondary: (AXFR|IXFR) of serial (\d+), \d+ records in \d+ ms, signed with demo-key\. /m
  let written = ''
  let shownMs = Infinity
  // Not through npm: it ends with 130 after Ctrl-C, whatever the server ends with.
  const args = commands('--demo', { 'npm start --': '' }).trim().split(' ')
  const ended = await twinzoneInTerminal(['serve', ...args], {
    environment,
    heard: (text, type) => {
      written += text
      if (shownMs === Infinity && signed.test(written)) {
        shownMs = performance.now() - start
        void askSerial(dns, 'demo.example.').then((serial) => {
          written += `\nwe were answered ${serial}`
          type('\u0003')
        })
      }
    },
  })
  expect(ended.code).toBe(0)
  expect(shownMs).toBeLessThan(10_000)
  expect(written).toMatch(/we were answered \d+/)
  expect(ended.stdout).toContain(`dig @${dns.address} -p ${dns.port} counter.demo.example TXT`)
  expect((await run(`ls ${ours.folder}`)).stdout).not.toContain('twinzone-demo')
})
