import { hardwareAddress } from '../field-address.ts'
import { recordType } from '../record-type.ts'

/** EUI64: a hardware address of 64 bits (RFC 7043 §4). */
export const EUI64 = recordType({
  code: 109,
  mnemonic: 'EUI64',
  rfc: 7043,
  fields: {
    address: hardwareAddress('Address', 8),
  },
})
