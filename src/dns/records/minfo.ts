import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** MINFO: who is responsible for a mailing list, experimental (RFC 1035 §3.3.7). */
export const MINFO = recordType({
  code: 14,
  mnemonic: 'MINFO',
  rfc: 1035,
  fields: {
    responsible: compressibleName('Responsible mailbox'),
    errors: compressibleName('Mailbox for errors'),
  },
})
