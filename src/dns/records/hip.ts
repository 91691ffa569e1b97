import { hostIdentity } from '../field-identity.ts'
import { plainNames } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** HIP: the identity of a host, and where to meet it (RFC 8005 §5). */
export const HIP = recordType({
  code: 55,
  mnemonic: 'HIP',
  rfc: 8005,
  fields: {
    identity: hostIdentity('Algorithm, tag and key'),
    servers: plainNames('Rendezvous servers'),
  },
})
