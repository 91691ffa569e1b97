import { text } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** HINFO: the kind of host (RFC 1035 §3.3.2); also the answer to ANY (RFC 8482 §4.2). */
export const HINFO = recordType({
  code: 13,
  mnemonic: 'HINFO',
  rfc: 1035,
  fields: {
    cpu: text('CPU'),
    os: text('Operating system'),
  },
})
