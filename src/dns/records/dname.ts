import { foldedName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** DNAME: the name that replaces all below the owner (RFC 6672 §2.1). */
export const DNAME = recordType({
  code: 39,
  mnemonic: 'DNAME',
  rfc: 6672,
  fields: {
    target: foldedName('Target'),
  },
})
