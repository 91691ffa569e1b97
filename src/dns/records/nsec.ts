import { typeBitmap } from '../field-bitmap.ts'
import { plainName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** NSEC: the next name of a zone and the types at this one (RFC 4034 §4, RFC 6840 §5.1). */
export const NSEC = recordType({
  code: 47,
  mnemonic: 'NSEC',
  rfc: 4034,
  fields: {
    next: plainName('Next name'),
    types: typeBitmap('Types'),
  },
})
