import { text } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** GPOS: a place on Earth, replaced by LOC (RFC 1712 §3). */
export const GPOS = recordType({
  code: 27,
  mnemonic: 'GPOS',
  rfc: 1712,
  fields: {
    longitude: text('Longitude'),
    latitude: text('Latitude'),
    altitude: text('Altitude'),
  },
})
