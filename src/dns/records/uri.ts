import { longText } from '../field-text.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** URI: the URI of a service (RFC 7553 §4). */
export const URI = recordType({
  code: 256,
  mnemonic: 'URI',
  rfc: 7553,
  fields: {
    priority: u16('Priority'),
    weight: u16('Weight'),
    target: longText('Target', 1),
  },
  cloudflare: { priority: 'priority', weight: 'data.weight', target: 'data.target' },
})
