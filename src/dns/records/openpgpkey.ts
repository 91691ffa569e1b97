import { base64 } from '../field-octets.ts'
import { recordType } from '../record-type.ts'

/** OPENPGPKEY: the OpenPGP key of a mail user (RFC 7929 §2). */
export const OPENPGPKEY = recordType({
  code: 61,
  mnemonic: 'OPENPGPKEY',
  rfc: 7929,
  fields: {
    publicKey: base64('Public key'),
  },
  cloudflare: { publicKey: 'content' },
})
