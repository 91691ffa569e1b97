import { ipv4 } from '../field-address.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** L32: a 32-bit locator of a host (RFC 6742 §2.2). */
export const L32 = recordType({
  code: 105,
  mnemonic: 'L32',
  rfc: 6742,
  fields: {
    preference: u16('Preference'),
    locator: ipv4('Locator'),
  },
})
