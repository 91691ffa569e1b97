import { longText, tag } from '../field-text.ts'
import { u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** CAA: which certification authorities may serve a name (RFC 8659 §4.1). */
export const CAA = recordType({
  code: 257,
  mnemonic: 'CAA',
  rfc: 8659,
  fields: {
    flags: u8('Flags'),
    tag: tag('Tag'),
    value: longText('Value', 0),
  },
  cloudflare: { flags: 'data.flags', tag: 'data.tag', value: 'data.value' },
})
