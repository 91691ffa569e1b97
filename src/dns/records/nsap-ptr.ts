import { plainName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** NSAP-PTR: the name of an OSI address, obsolete (RFC 1348). */
export const NSAP_PTR = recordType({
  code: 23,
  mnemonic: 'NSAP-PTR',
  rfc: 1348,
  fields: {
    target: plainName('Target'),
  },
})
