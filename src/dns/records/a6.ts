import { addressLink } from '../field-prefix.ts'
import { recordType } from '../record-type.ts'

/** A6: part of an IPv6 address, historic (RFC 2874 §3.1, RFC 6563). */
export const A6 = recordType({
  code: 38,
  mnemonic: 'A6',
  rfc: 2874,
  fields: {
    link: addressLink('Prefix length, suffix and prefix name'),
  },
})
