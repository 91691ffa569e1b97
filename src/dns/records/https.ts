import { recordType } from '../record-type.ts'
import { SVCB } from './svcb.ts'

/** HTTPS: where and how a web site is found (RFC 9460 §9). */
export const HTTPS = recordType({
  code: 65,
  mnemonic: 'HTTPS',
  rfc: 9460,
  fields: SVCB.fields,
  cloudflare: { priority: 'data.priority', target: 'data.target', params: 'data.value' },
  warn: ({ priority, params }) =>
    priority === 0 && params.length > 0 ? 'parameters of an alias are ignored (RFC 9460 §2.4.2)' : undefined,
})
