import { plainName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** LP: the name that has the locators of a host (RFC 6742 §2.4). */
export const LP = recordType({
  code: 107,
  mnemonic: 'LP',
  rfc: 6742,
  fields: {
    preference: u16('Preference'),
    name: plainName('Name'),
  },
})
