import { compressibleName } from '../field-name.ts'
import { text } from '../field-text.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** NAPTR: a rule that rewrites a name (RFC 3403 §4.1). */
export const NAPTR = recordType({
  code: 35,
  mnemonic: 'NAPTR',
  rfc: 3403,
  fields: {
    order: u16('Order'),
    preference: u16('Preference'),
    flags: text('Flags'),
    services: text('Services'),
    regexp: text('Regular expression'),
    replacement: compressibleName('Replacement'),
  },
  cloudflare: {
    order: 'data.order',
    preference: 'data.preference',
    flags: 'data.flags',
    services: 'data.service',
    regexp: 'data.regex',
    replacement: 'data.replacement',
  },
})
