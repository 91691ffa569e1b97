import { base64 } from '../field-octets.ts'
import { recordType } from '../record-type.ts'

/** HHIT: a hierarchical host identity tag of an aircraft (RFC 9886). */
export const HHIT = recordType({
  code: 67,
  mnemonic: 'HHIT',
  rfc: 9886,
  fields: {
    data: base64('Data'),
  },
})
