import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** MG: a member of a mail group, experimental (RFC 1035 §3.3.6). */
export const MG = recordType({
  code: 8,
  mnemonic: 'MG',
  rfc: 1035,
  fields: {
    mailbox: compressibleName('Mailbox'),
  },
})
