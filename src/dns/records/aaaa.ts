import { ipv6 } from '../field-address.ts'
import { recordType } from '../record-type.ts'

/** AAAA: an IPv6 address of a host (RFC 3596 §2.1). */
export const AAAA = recordType({
  code: 28,
  mnemonic: 'AAAA',
  rfc: 3596,
  fields: {
    address: ipv6('IPv6 address'),
  },
  cloudflare: { address: 'content' },
})
