import { compressibleName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** NS: a nameserver of a zone (RFC 1035 §3.3.11). */
export const NS = recordType({
  code: 2,
  mnemonic: 'NS',
  rfc: 1035,
  fields: {
    server: compressibleName('Nameserver'),
  },
  cloudflare: { server: 'content' },
})
