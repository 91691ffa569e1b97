import { compressibleName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** AFSDB: a server of the Andrew file system (RFC 1183 §1). */
export const AFSDB = recordType({
  code: 18,
  mnemonic: 'AFSDB',
  rfc: 1183,
  fields: {
    subtype: u16('Subtype'),
    host: compressibleName('Host'),
  },
})
