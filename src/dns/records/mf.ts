import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** MF: a mail forwarder, obsolete: use MX (RFC 1035 §3.3.5). */
export const MF = recordType({
  code: 4,
  mnemonic: 'MF',
  rfc: 1035,
  fields: {
    server: compressibleName('Mail agent'),
  },
})
