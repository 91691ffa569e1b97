import { base64 } from '../field-octets.ts'
import { recordType } from '../record-type.ts'

/** DHCID: which DHCP client a name belongs to (RFC 4701 §3). */
export const DHCID = recordType({
  code: 49,
  mnemonic: 'DHCID',
  rfc: 4701,
  fields: {
    identifier: base64('Identifier and digest'),
  },
})
