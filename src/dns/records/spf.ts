import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** SPF: who may send mail, obsolete: use TXT (RFC 7208 §14.1). */
export const SPF = recordType({
  code: 99,
  mnemonic: 'SPF',
  rfc: 7208,
  fields: {
    texts: texts('Text'),
  },
})
