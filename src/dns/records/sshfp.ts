import { hex } from '../field-octets.ts'
import { u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** SSHFP: the fingerprint of an SSH host key (RFC 4255 §3.1). */
export const SSHFP = recordType({
  code: 44,
  mnemonic: 'SSHFP',
  rfc: 4255,
  fields: {
    algorithm: u8('Algorithm'),
    type: u8('Fingerprint type'),
    fingerprint: hex('Fingerprint', 0),
  },
  cloudflare: { algorithm: 'data.algorithm', type: 'data.type', fingerprint: 'data.fingerprint' },
})
