import { recordTypeName, syncScheme } from '../field-mnemonic.ts'
import { plainName } from '../field-name.ts'
import { u16 } from '../field.ts'
import { recordType } from '../record-type.ts'

/** DSYNC: where to send notifications about a child (RFC 9859 §3.1). */
export const DSYNC = recordType({
  code: 66,
  mnemonic: 'DSYNC',
  rfc: 9859,
  fields: {
    type: recordTypeName('Record type'),
    scheme: syncScheme('Scheme'),
    port: u16('Port'),
    target: plainName('Target'),
  },
})
