import { compressibleName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** RT: a host that routes to another (RFC 1183 §3.3). */
export const RT = recordType({
  code: 21,
  mnemonic: 'RT',
  rfc: 1183,
  fields: {
    preference: u16('Preference'),
    host: compressibleName('Intermediate host'),
  },
})
