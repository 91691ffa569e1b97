import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** MB: the host of a mailbox, experimental (RFC 1035 §3.3.3). */
export const MB = recordType({
  code: 7,
  mnemonic: 'MB',
  rfc: 1035,
  fields: {
    host: compressibleName('Host'),
  },
})
