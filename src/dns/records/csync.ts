import { typeBitmap } from '../field-bitmap.ts'
import { u16, u32 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** CSYNC: what a child wants its parent to copy (RFC 7477 §2.1). */
export const CSYNC = recordType({
  code: 62,
  mnemonic: 'CSYNC',
  rfc: 7477,
  fields: {
    serial: u32('SOA serial'),
    flags: u16('Flags'),
    types: typeBitmap('Types'),
  },
})
