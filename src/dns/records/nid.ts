import { locator64 } from '../field-address.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** NID: a node identifier (RFC 6742 §2.1). */
export const NID = recordType({
  code: 104,
  mnemonic: 'NID',
  rfc: 6742,
  fields: {
    preference: u16('Preference'),
    nodeId: locator64('Node identifier'),
  },
})
