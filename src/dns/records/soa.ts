import { compressibleName } from '../field-name.ts'
import { seconds, u32 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** SOA: the start of a zone of authority: its serial and timers (RFC 1035 §3.3.13). */
export const SOA = recordType({
  code: 6,
  mnemonic: 'SOA',
  rfc: 1035,
  fields: {
    mname: compressibleName('Primary nameserver'),
    rname: compressibleName('Mailbox'),
    serial: u32('Serial'),
    refresh: seconds('Refresh'),
    retry: seconds('Retry'),
    expire: seconds('Expire'),
    minimum: seconds('Minimum'),
  },
})
