import { recordType } from '../record-type.ts'
import { DS } from './ds.ts'

/** DLV: a DS record beside the tree, historic (RFC 4431, RFC 8749). */
export const DLV = recordType({
  code: 32769,
  mnemonic: 'DLV',
  rfc: 8749,
  fields: DS.fields,
})
