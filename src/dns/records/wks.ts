import { ipv4 } from '../field-address.ts'
import { ports } from '../field-bitmap.ts'
import { internetProtocol } from '../field-mnemonic.ts'
import { recordType } from '../record-type.ts'

/** WKS: the services of a host by port, obsolete (RFC 1035 §3.4.2, RFC 1123 §6.1.3.6). */
export const WKS = recordType({
  code: 11,
  mnemonic: 'WKS',
  rfc: 1035,
  fields: {
    address: ipv4('IPv4 address'),
    protocol: internetProtocol('Protocol'),
    ports: ports('Ports'),
  },
})
