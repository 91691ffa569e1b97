import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** RP: who is responsible for a name (RFC 1183 §2.2). */
export const RP = recordType({
  code: 17,
  mnemonic: 'RP',
  rfc: 1183,
  fields: {
    mailbox: compressibleName('Mailbox'),
    text: compressibleName('Name of a TXT record'),
  },
})
