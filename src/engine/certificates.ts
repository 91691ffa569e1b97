/**
 * Certificates of a private authority: for whoever wants HTTPS without one of their own, and for clients whose provider's
 * host cannot be changed (docs/manual/https.md).
 *
 * The authority is made once and kept: its key sealed in the store, its certificate for everybody to trust. What the
 * server shows is made anew at each start and well before it ends.
 */

// oxlint-disable-next-line import/no-unassigned-import -- adds to Reflect what the library below is built with
import 'reflect-metadata'
import { webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import type { Store } from '../store/store.ts'
import { Secret } from '../store/secret.ts'

/** A certificate and its key, both as PEM, and that of the authority that vouches for it. */
export interface Certificate {
  readonly certificate: string
  readonly key: Secret
  readonly authority: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3650
/** Browsers and libraries refuse what is valid for longer (CA/Browser Forum). */
const CERTIFICATE_DAYS = 397
/** Clocks of clients may be behind ours. */
const BACKDATED_MS = DAY_MS

const KEY = 'tls-authority-key'
const CERTIFICATE = 'tls-authority'

interface Authority {
  readonly certificate: x509.X509Certificate
  readonly key: webcrypto.CryptoKey
}

/** Makes a certificate for these names and addresses, by the authority of this store. */
export async function makeCertificate(
  store: Pick<Store, 'meta' | 'setMeta' | 'secret' | 'setSecret'>,
  names: readonly string[],
  now: number,
): Promise<Certificate> {
  const authority = (await readAuthority(store)) ?? (await makeAuthority(store, now))
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=twinzone',
    issuer: authority.certificate.subject,
    ...validity(now, CERTIFICATE_DAYS),
    publicKey: keys.publicKey,
    signingKey: authority.key,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
    ],
  })
  return {
    certificate: certificate.toString('pem'),
    key: new Secret(await keyText(keys.privateKey)),
    authority: authority.certificate.toString('pem'),
  }
}

/** When a certificate ends, in milliseconds. */
export function endOf(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo)
}

async function readAuthority(store: Pick<Store, 'meta' | 'secret'>): Promise<Authority | undefined> {
  const [pem, key] = await Promise.all([store.meta(CERTIFICATE), store.secret(KEY)])
  if (pem === undefined || key === undefined) return undefined
  const octets = x509.PemConverter.decodeFirst(key.reveal())
  const imported = await webcrypto.subtle.importKey('pkcs8', octets, ALGORITHM, true, ['sign'])
  return { certificate: new x509.X509Certificate(pem), key: imported }
}

async function makeAuthority(store: Pick<Store, 'setMeta' | 'setSecret'>, now: number): Promise<Authority> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=twinzone private authority',
    keys,
    ...validity(now, AUTHORITY_DAYS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  // The key first: a certificate without its key would be of no use to anybody.
  await store.setSecret(KEY, new Secret(await keyText(keys.privateKey)))
  await store.setMeta(CERTIFICATE, certificate.toString('pem'))
  return { certificate, key: keys.privateKey }
}

function validity(now: number, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now - BACKDATED_MS + days * DAY_MS) }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}
