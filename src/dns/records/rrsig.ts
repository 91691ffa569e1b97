import { algorithm, recordTypeName, time } from '../field-mnemonic.ts'
import { foldedName } from '../field-name.ts'
import { base64 } from '../field-octets.ts'
import { seconds, u16, u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** RRSIG: the signature of an RRset (RFC 4034 §3). */
export const RRSIG = recordType({
  code: 46,
  mnemonic: 'RRSIG',
  rfc: 4034,
  fields: {
    typeCovered: recordTypeName('Type covered'),
    algorithm: algorithm('Algorithm'),
    labels: u8('Labels'),
    originalTtl: seconds('Original TTL'),
    expiration: time('Expiration'),
    inception: time('Inception'),
    keyTag: u16('Key tag'),
    signer: foldedName('Signer'),
    signature: base64('Signature', 0),
  },
})
