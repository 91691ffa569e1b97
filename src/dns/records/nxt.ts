import { plainTypeBitmap } from '../field-bitmap.ts'
import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** NXT: the next name of a zone, before NSEC (RFC 2535 §5). */
export const NXT = recordType({
  code: 30,
  mnemonic: 'NXT',
  rfc: 2535,
  fields: {
    next: compressibleName('Next name'),
    types: plainTypeBitmap('Types'),
  },
})
