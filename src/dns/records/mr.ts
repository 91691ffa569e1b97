import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** MR: the new name of a mailbox, experimental (RFC 1035 §3.3.8). */
export const MR = recordType({
  code: 9,
  mnemonic: 'MR',
  rfc: 1035,
  fields: {
    mailbox: compressibleName('Mailbox'),
  },
})
