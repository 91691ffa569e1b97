import { compressibleName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** MX: which hosts take mail for a name (RFC 1035 §3.3.9). */
export const MX = recordType({
  code: 15,
  mnemonic: 'MX',
  rfc: 1035,
  fields: {
    preference: u16('Priority'),
    exchange: compressibleName('Mail server'),
  },
  cloudflare: { preference: 'priority', exchange: 'content' },
})
