import { typeBitmap } from '../field-bitmap.ts'
import { hashedName, salt } from '../field-octets.ts'
import { u16, u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** NSEC3: the next hashed name of a zone and the types at this one (RFC 5155 §3). */
export const NSEC3 = recordType({
  code: 50,
  mnemonic: 'NSEC3',
  rfc: 5155,
  fields: {
    hashAlgorithm: u8('Hash algorithm'),
    flags: u8('Flags'),
    iterations: u16('Iterations'),
    salt: salt('Salt'),
    next: hashedName('Next hashed name'),
    types: typeBitmap('Types'),
  },
})
