import { hex } from '../field-octets.ts'
import { u32, u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** ZONEMD: the digest of a whole zone (RFC 8976 §2). */
export const ZONEMD = recordType({
  code: 63,
  mnemonic: 'ZONEMD',
  rfc: 8976,
  fields: {
    serial: u32('Serial'),
    scheme: u8('Scheme'),
    hashAlgorithm: u8('Hash algorithm'),
    digest: hex('Digest', 12),
  },
})
