import { salt } from '../field-octets.ts'
import { u16, u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** NSEC3PARAM: how a zone hashes its names (RFC 5155 §4). */
export const NSEC3PARAM = recordType({
  code: 51,
  mnemonic: 'NSEC3PARAM',
  rfc: 5155,
  fields: {
    hashAlgorithm: u8('Hash algorithm'),
    flags: u8('Flags'),
    iterations: u16('Iterations'),
    salt: salt('Salt'),
  },
})
