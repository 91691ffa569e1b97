import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** WALLET: the address of a public wallet (registered in 2024). */
export const WALLET = recordType({
  code: 262,
  mnemonic: 'WALLET',
  fields: {
    texts: texts('Text'),
  },
})
