import { nsapAddress } from '../field-octets.ts'
import { recordType } from '../record-type.ts'

/** NSAP: an OSI address (RFC 1706 §5). */
export const NSAP = recordType({
  code: 22,
  mnemonic: 'NSAP',
  rfc: 1706,
  fields: {
    address: nsapAddress('NSAP address'),
  },
})
