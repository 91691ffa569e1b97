import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** AVC: the visibility of an application (registered by Cisco in 2016). */
export const AVC = recordType({
  code: 258,
  mnemonic: 'AVC',
  fields: {
    texts: texts('Text'),
  },
})
