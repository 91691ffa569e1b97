/** TSIG keys of the control plane as the protocol uses them, and the cryptography the pure floors ask for. */

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { assert } from '../dns/assert.ts'
import { parseName } from '../dns/name.ts'
import { base64Octets } from '../dns/octets.ts'
import { parseTsigAlgorithm, TSIG_ALGORITHMS, type Hmac, type TsigKey } from '../dns/tsig.ts'
import type { Tsig } from '../store/objects.ts'

/** The name, algorithm and secret of a key. The control plane has checked all three before. */
export function tsigKey(tsig: Tsig): TsigKey {
  const algorithm = parseTsigAlgorithm(tsig.algo, { md5Allowed: true })
  assert(algorithm !== undefined, `the key ${tsig.name} has no known algorithm`)
  return { name: parseName(tsig.name), algorithm, secret: base64Octets(tsig.secret.reveal()) }
}

/** What node:crypto makes of a secret, which costs more than a short message. */
const secretKeys = new WeakMap<Uint8Array, KeyObject>()

/** HMAC by node:crypto. */
export const hmac: Hmac = (algorithm, secret, parts) => {
  const mac = createHmac(TSIG_ALGORITHMS[algorithm].hash, keyOf(secret))
  for (const part of parts) mac.update(part)
  return mac.digest()
}

function keyOf(secret: Uint8Array): KeyObject {
  const known = secretKeys.get(secret)
  if (known !== undefined) return known
  const key = createSecretKey(secret)
  secretKeys.set(secret, key)
  return key
}
