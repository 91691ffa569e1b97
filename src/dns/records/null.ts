import { opaque } from '../field-octets.ts'
import { recordType } from '../record-type.ts'

/** NULL: anything at all, experimental; it has no text of its own (RFC 1035 §3.3.10). */
export const NULL = recordType({
  code: 10,
  mnemonic: 'NULL',
  rfc: 1035,
  fields: {
    anything: opaque('Anything'),
  },
})
