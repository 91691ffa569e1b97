import { recordType } from '../record-type.ts'
import { TLSA } from './tlsa.ts'

/** SMIMEA: the certificate of a mail sender (RFC 8162 §2). */
export const SMIMEA = recordType({
  code: 53,
  mnemonic: 'SMIMEA',
  rfc: 8162,
  fields: TLSA.fields,
  cloudflare: {
    usage: 'data.usage',
    selector: 'data.selector',
    matchingType: 'data.matching_type',
    certificate: 'data.certificate',
  },
})
