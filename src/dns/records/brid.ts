import { base64 } from '../field-octets.ts'
import { recordType } from '../record-type.ts'

/** BRID: the broadcast remote ID of an aircraft (RFC 9886). */
export const BRID = recordType({
  code: 68,
  mnemonic: 'BRID',
  rfc: 9886,
  fields: {
    data: base64('Data'),
  },
})
