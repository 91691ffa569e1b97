import { recordType } from '../record-type.ts'
import { DNSKEY } from './dnskey.ts'

/** RKEY: a key that encrypts NAPTR records (draft-reid-dnsext-rkey). */
export const RKEY = recordType({
  code: 57,
  mnemonic: 'RKEY',
  fields: DNSKEY.fields,
})
