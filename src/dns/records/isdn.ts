import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** ISDN: an ISDN number, perhaps with a subaddress (RFC 1183 §3.2). */
export const ISDN = recordType({
  code: 20,
  mnemonic: 'ISDN',
  rfc: 1183,
  fields: {
    address: texts('Number and subaddress', 2),
  },
})
