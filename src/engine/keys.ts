/** TSIG keys of the control plane as the protocol uses them, and the cryptography the pure floors ask for. */

import { createHmac } from 'node:crypto'
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

/** HMAC by node:crypto. */
export const hmac: Hmac = (algorithm, secret, parts) => {
  const mac = createHmac(TSIG_ALGORITHMS[algorithm].hash, secret)
  for (const part of parts) mac.update(part)
  return mac.digest()
}
