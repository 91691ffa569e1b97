import { compressibleName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** SRV: where a service is found (RFC 2782). */
export const SRV = recordType({
  code: 33,
  mnemonic: 'SRV',
  rfc: 2782,
  fields: {
    priority: u16('Priority'),
    weight: u16('Weight'),
    port: u16('Port'),
    target: compressibleName('Target'),
  },
  cloudflare: {
    priority: 'priority and data.priority',
    weight: 'data.weight',
    port: 'data.port',
    target: 'data.target',
  },
})
