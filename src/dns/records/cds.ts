import { recordType } from '../record-type.ts'
import { DS } from './ds.ts'

/** CDS: the DS record that a child wants its parent to have (RFC 7344 §3.1). */
export const CDS = recordType({
  code: 59,
  mnemonic: 'CDS',
  rfc: 7344,
  fields: DS.fields,
})
