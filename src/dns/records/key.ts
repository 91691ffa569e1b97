import { recordType } from '../record-type.ts'
import { DNSKEY } from './dnskey.ts'

/** KEY: a public key, before DNSKEY (RFC 2535 §3, RFC 3445). */
export const KEY = recordType({
  code: 25,
  mnemonic: 'KEY',
  rfc: 2535,
  fields: DNSKEY.fields,
})
