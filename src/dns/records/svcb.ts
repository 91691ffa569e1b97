import { plainName } from '../field-name.ts'
import { svcParams } from '../field-svcparams.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** SVCB: where and how a service is found (RFC 9460 §2). */
export const SVCB = recordType({
  code: 64,
  mnemonic: 'SVCB',
  rfc: 9460,
  fields: {
    priority: u16('Priority'),
    target: plainName('Target'),
    params: svcParams('Parameters'),
  },
  cloudflare: { priority: 'data.priority', target: 'data.target', params: 'data.value' },
  warn: ({ priority, params }) =>
    priority === 0 && params.length > 0 ? 'parameters of an alias are ignored (RFC 9460 §2.4.2)' : undefined,
})
