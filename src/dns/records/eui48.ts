import { hardwareAddress } from '../field-address.ts'
import { recordType } from '../record-type.ts'

/** EUI48: a hardware address of 48 bits (RFC 7043 §3). */
export const EUI48 = recordType({
  code: 108,
  mnemonic: 'EUI48',
  rfc: 7043,
  fields: {
    address: hardwareAddress('Address', 6),
  },
})
