import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** MD: a mail destination, obsolete: use MX (RFC 1035 §3.3.4). */
export const MD = recordType({
  code: 3,
  mnemonic: 'MD',
  rfc: 1035,
  fields: {
    server: compressibleName('Mail agent'),
  },
})
