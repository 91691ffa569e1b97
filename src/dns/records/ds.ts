import { algorithm } from '../field-mnemonic.ts'
import { hex } from '../field-octets.ts'
import { u16, u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** DS: the digest of a key of a child zone (RFC 4034 §5). */
export const DS = recordType({
  code: 43,
  mnemonic: 'DS',
  rfc: 4034,
  fields: {
    keyTag: u16('Key tag'),
    algorithm: algorithm('Algorithm'),
    digestType: u8('Digest type'),
    digest: hex('Digest', 0),
  },
  cloudflare: {
    keyTag: 'data.key_tag',
    algorithm: 'data.algorithm',
    digestType: 'data.digest_type',
    digest: 'data.digest',
  },
})
