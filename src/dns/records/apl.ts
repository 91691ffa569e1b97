import { addressPrefixes } from '../field-prefix.ts'
import { recordType } from '../record-type.ts'

/** APL: a list of address prefixes (RFC 3123 §4). */
export const APL = recordType({
  code: 42,
  mnemonic: 'APL',
  rfc: 3123,
  fields: {
    prefixes: addressPrefixes('Address prefixes'),
  },
})
