import { gateway } from '../field-host.ts'
import { base64 } from '../field-octets.ts'
import { u8 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** IPSECKEY: a key for IPsec and the gateway that has it (RFC 4025 §2). */
export const IPSECKEY = recordType({
  code: 45,
  mnemonic: 'IPSECKEY',
  rfc: 4025,
  fields: {
    precedence: u8('Precedence'),
    gateway: gateway('Gateway type, algorithm and gateway'),
    publicKey: base64('Public key', 0),
  },
})
