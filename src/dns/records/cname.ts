import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** CNAME: the name that an alias stands for (RFC 1035 §3.3.1). */
export const CNAME = recordType({
  code: 5,
  mnemonic: 'CNAME',
  rfc: 1035,
  fields: {
    target: compressibleName('Target'),
  },
  cloudflare: { target: 'content' },
})
