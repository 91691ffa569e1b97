import { text } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** X25: an X.25 address (RFC 1183 §3.1). */
export const X25 = recordType({
  code: 19,
  mnemonic: 'X25',
  rfc: 1183,
  fields: {
    address: text('PSDN address'),
  },
})
