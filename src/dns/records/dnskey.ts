import { algorithm } from '../field-mnemonic.ts'
import { base64 } from '../field-octets.ts'
import { u16, u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** DNSKEY: a key that signs a zone (RFC 4034 §2). */
export const DNSKEY = recordType({
  code: 48,
  mnemonic: 'DNSKEY',
  rfc: 4034,
  fields: {
    flags: u16('Flags'),
    protocol: u8('Protocol'),
    algorithm: algorithm('Algorithm'),
    publicKey: base64('Public key', 0),
  },
  cloudflare: {
    flags: 'data.flags',
    protocol: 'data.protocol',
    algorithm: 'data.algorithm',
    publicKey: 'data.public_key',
  },
})
