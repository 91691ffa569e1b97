import { relay } from '../field-host.ts'
import { u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** AMTRELAY: a relay for multicast (RFC 8777 §4). */
export const AMTRELAY = recordType({
  code: 260,
  mnemonic: 'AMTRELAY',
  rfc: 8777,
  fields: {
    precedence: u8('Precedence'),
    relay: relay('Discovery, type and relay'),
  },
})
