import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** CLA: a convergence layer adapter of a delay-tolerant node (draft-johnson-dns-ipn-cla). */
export const CLA = recordType({
  code: 263,
  mnemonic: 'CLA',
  fields: {
    texts: texts('Text'),
  },
})
