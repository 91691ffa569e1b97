import { ipv4 } from '../field-address.ts'
import { recordType } from '../record-type.ts'

/** A: an IPv4 address of a host (RFC 1035 §3.4.1). */
export const A = recordType({
  code: 1,
  mnemonic: 'A',
  rfc: 1035,
  fields: {
    address: ipv4('IPv4 address'),
  },
  cloudflare: { address: 'content' },
})
