import { recordType } from '../record-type.ts'
import { DS } from './ds.ts'

/** TA: a trust anchor (registered by S. Weiler in 2005). */
export const TA = recordType({
  code: 32768,
  mnemonic: 'TA',
  fields: DS.fields,
})
