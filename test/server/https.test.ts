import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { makeCertificate } from '../../src/engine/certificates.ts'
import { freeEndpoint, printEndpoint, type Endpoint } from '../interop/endpoint.ts'
import { Served, twinzone } from './process.ts'

const SELF_SIGNED =
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=dns.example.net -addext subjectAltName=DNS:dns.example.net'

/** One GET by HTTPS, trusting one authority only. */
function get(at: Endpoint, options: { readonly ca?: string; readonly servername: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...options, host: at.address, port: at.port, path: '/livez' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve(`${response.statusCode} ${text}`))
    })
    asked.on('error', reject).end()
  })
}

test('the API is there by HTTPS for whoever trusts its authority, which stays the same', async (context) => {
  const https = await freeEndpoint()
  const server = await Served.prepare(context, { TWINZONE_HTTPS: printEndpoint(https) })
  await server.start()
  expect(server.readyLine).toContain(`https://${printEndpoint(https)}`)
  const ca = readFileSync(join(server.data, 'ca.pem'), 'utf8')
  expect(await get(https, { ca, servername: 'localhost' })).toMatch(/^200 /)
  await expect(get(https, { servername: 'localhost' })).rejects.toThrow(/certificate|issuer/)
  await expect(get(https, { ca, servername: 'api.cloudflare.com' })).rejects.toThrow(/altnames/)
  const url = `https://${printEndpoint(https)}`
  const status = (trust: object) =>
    twinzone(['status'], { environment: { ...server.client, TWINZONE_URL: url, ...trust } })
  expect((await status({ NODE_EXTRA_CA_CERTS: join(server.data, 'ca.pem') })).code).toBe(0)
  const { result } = (await (await server.fetch('/api/v1/status')).json()) as { result: object }
  expect(result).toMatchObject({ http: [printEndpoint(server.http)], https: [printEndpoint(https)] })
  expect((await status({})).stderr).toBe(
    `twinzone: cannot reach ${url}: UNABLE_TO_VERIFY_LEAF_SIGNATURE; let NODE_EXTRA_CA_CERTS name the ca.pem of its data directory\n`,
  )
  await server.stop()
  await server.start()
  expect(readFileSync(join(server.data, 'ca.pem'), 'utf8')).toBe(ca)
  expect(await get(https, { ca, servername: 'localhost' })).toMatch(/^200 /)
})

test('a server that answers for the name of a provider says so', async (context) => {
  const https = await freeEndpoint()
  const server = await Served.prepare(context)
  const config = join(server.folder, 'twinzone.yaml')
  writeFileSync(config, `https: '${printEndpoint(https)}'\ntls:\n  names: [api.cloudflare.com]\n`)
  await server.start({ args: ['--config', config] })
  const ca = readFileSync(join(server.data, 'ca.pem'), 'utf8')
  expect(await get(https, { ca, servername: 'api.cloudflare.com' })).toMatch(/^200 /)
  expect(server.log()).toContain('tls.impersonates')
  const url = `https://${printEndpoint(https)}`
  const trusted = { NODE_EXTRA_CA_CERTS: join(server.data, 'ca.pem'), TWINZONE_URL: url }
  expect((await twinzone(['status'], { environment: { ...server.client, ...trusted } })).stderr).toBe(
    `twinzone: cannot reach ${url}: ERR_TLS_CERT_ALTNAME_INVALID; the certificate of the server is for other names: use one of them in the URL\n`,
  )
})

test('a certificate that has run out is not called a server that does not run', async (context) => {
  const { folder, client } = await Served.prepare(context)
  const store = {
    meta: async () => undefined,
    setMeta: async () => {},
    secret: async () => undefined,
    setSecret: async () => {},
  }
  const { certificate, key, authority } = await makeCertificate(store, ['127.0.0.1'], Date.now() - 400 * 86_400_000)
  const ca = join(folder, 'old.pem')
  writeFileSync(ca, authority)
  const old = createServer({ cert: certificate, key: key.reveal() })
  context.onTestFinished(() => void old.close())
  const at = await freeEndpoint()
  await new Promise<void>((resolve) => old.listen(at.port, at.address, resolve))
  const url = `https://${printEndpoint(at)}`
  const environment = { ...client, TWINZONE_URL: url, NODE_EXTRA_CA_CERTS: ca }
  expect((await twinzone(['status'], { environment })).stderr).toBe(
    `twinzone: cannot reach ${url}: CERT_HAS_EXPIRED; the server needs a new certificate, or the clock here is wrong\n`,
  )
})

test("the operator's own certificate is shown; one that does not fit its key stops the start", async (context) => {
  const https = await freeEndpoint()
  const server = await Served.prepare(context)
  const [cert, key, other] = ['cert.pem', 'key.pem', 'other.pem'].map((name) => join(server.folder, name))
  const make = (certificate = '', keyFile = '') =>
    execFileSync('openssl', `${SELF_SIGNED} -out ${certificate} -keyout ${keyFile}`.split(' '), { stdio: 'ignore' })
  make(other, key)
  make(cert, other)
  const config = join(server.folder, 'twinzone.yaml')
  const settings = (keyFile = ''): void =>
    writeFileSync(config, `https: '${printEndpoint(https)}'\ntls:\n  certificate: ${cert}\n  key: ${keyFile}\n`)
  settings(key)
  expect(await server.startOrEnd({ args: ['--config', config] })).toMatchObject({ code: 1 })
  expect(server.log()).toContain('cannot use the certificate')
  settings(other)
  await server.start({ args: ['--config', config] })
  const shown = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: https.address, port: https.port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN as string)
      socket.end()
    }).on('error', reject)
  })
  expect(shown).toBe('dns.example.net')
})

test('settings of HTTPS that cannot be used are told with their place', async (context) => {
  const server = await Served.prepare(context, { TWINZONE_HTTPS: '8443' })
  expect(await server.startOrEnd()).toMatchObject({ code: 1 })
  expect(server.log()).toContain('TWINZONE_HTTPS')
})
