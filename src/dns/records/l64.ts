import { locator64 } from '../field-address.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** L64: a 64-bit locator of a host (RFC 6742 §2.3). */
export const L64 = recordType({
  code: 106,
  mnemonic: 'L64',
  rfc: 6742,
  fields: {
    preference: u16('Preference'),
    locator: locator64('Locator'),
  },
})
