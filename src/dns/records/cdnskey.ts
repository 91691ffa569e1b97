import { recordType } from '../record-type.ts'
import { DNSKEY } from './dnskey.ts'

/** CDNSKEY: the key that a child wants its parent to know (RFC 7344 §3.2). */
export const CDNSKEY = recordType({
  code: 60,
  mnemonic: 'CDNSKEY',
  rfc: 7344,
  fields: DNSKEY.fields,
})
