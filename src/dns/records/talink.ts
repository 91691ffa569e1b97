import { plainName } from '../field-name.ts'
import { recordType } from '../record-type.ts'

/** TALINK: links of a list of trust anchors (draft-wijngaards-dnsop-trust-history). */
export const TALINK = recordType({
  code: 58,
  mnemonic: 'TALINK',
  fields: {
    previous: plainName('Previous'),
    next: plainName('Next'),
  },
})
