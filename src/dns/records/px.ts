import { compressibleName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** PX: mapping between X.400 and Internet mail (RFC 2163 §4). */
export const PX = recordType({
  code: 26,
  mnemonic: 'PX',
  rfc: 2163,
  fields: {
    preference: u16('Preference'),
    map822: compressibleName('Internet domain'),
    mapx400: compressibleName('X.400 domain'),
  },
})
