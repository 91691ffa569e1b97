import { algorithm, certificateType } from '../field-mnemonic.ts'
import { base64 } from '../field-octets.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** CERT: a certificate or a revocation list (RFC 4398 §2). */
export const CERT = recordType({
  code: 37,
  mnemonic: 'CERT',
  rfc: 4398,
  fields: {
    type: certificateType('Certificate type'),
    keyTag: u16('Key tag'),
    algorithm: algorithm('Algorithm'),
    certificate: base64('Certificate', 0),
  },
  cloudflare: {
    type: 'data.type',
    keyTag: 'data.key_tag',
    algorithm: 'data.algorithm',
    certificate: 'data.certificate',
  },
})
