import { foldedName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** KX: a host that exchanges keys for another (RFC 2230 §3). */
export const KX = recordType({
  code: 36,
  mnemonic: 'KX',
  rfc: 2230,
  fields: {
    preference: u16('Preference'),
    exchanger: foldedName('Key exchanger'),
  },
})
