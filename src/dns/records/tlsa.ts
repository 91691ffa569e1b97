import { hex } from '../field-octets.ts'
import { u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** TLSA: the certificate of a TLS server (RFC 6698 §2). */
export const TLSA = recordType({
  code: 52,
  mnemonic: 'TLSA',
  rfc: 6698,
  fields: {
    usage: u8('Usage'),
    selector: u8('Selector'),
    matchingType: u8('Matching type'),
    certificate: hex('Certificate', 0),
  },
  cloudflare: {
    usage: 'data.usage',
    selector: 'data.selector',
    matchingType: 'data.matching_type',
    certificate: 'data.certificate',
  },
})
