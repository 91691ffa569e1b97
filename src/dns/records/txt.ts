import { texts } from '../field-text.ts'
import { recordType } from '../record-type.ts'

/** TXT: text in one or more character-strings (RFC 1035 §3.3.14). */
export const TXT = recordType({
  code: 16,
  mnemonic: 'TXT',
  rfc: 1035,
  fields: {
    texts: texts('Text'),
  },
  cloudflare: { texts: 'content' },
})
