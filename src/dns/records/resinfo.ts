import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** RESINFO: what a resolver says of itself (RFC 9606 §3). */
export const RESINFO = recordType({
  code: 261,
  mnemonic: 'RESINFO',
  rfc: 9606,
  fields: {
    texts: texts('Text'),
  },
})
