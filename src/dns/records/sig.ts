import { algorithm, recordTypeName, time } from '../field-mnemonic.ts'
import { compressibleName } from '../field-name.ts'
import { base64 } from '../field-octets.ts'
import { seconds, u16, u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** SIG: a signature of a message or, before RRSIG, of an RRset (RFC 2535 §4, RFC 2931). */
export const SIG = recordType({
  code: 24,
  mnemonic: 'SIG',
  rfc: 2535,
  fields: {
    typeCovered: recordTypeName('Type covered'),
    algorithm: algorithm('Algorithm'),
    labels: u8('Labels'),
    originalTtl: seconds('Original TTL'),
    expiration: time('Expiration'),
    inception: time('Inception'),
    keyTag: u16('Key tag'),
    signer: compressibleName('Signer'),
    signature: base64('Signature', 0),
  },
})
