import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** PTR: the name that an address or a service points to (RFC 1035 §3.3.12). */
export const PTR = recordType({
  code: 12,
  mnemonic: 'PTR',
  rfc: 1035,
  fields: {
    target: compressibleName('Target'),
  },
  cloudflare: { target: 'content' },
})
