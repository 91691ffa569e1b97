import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** NINFO: the status of a zone (draft-reid-dnsext-zs). */
export const NINFO = recordType({
  code: 56,
  mnemonic: 'NINFO',
  fields: {
    texts: texts('Text'),
  },
})
