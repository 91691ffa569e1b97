/** What a primary says in the RCODE of its answer, with the Extended DNS Error beside it (RFC 8914). */

import { RCODE, rcodeName } from '../dns/code.ts'
import { OPTION, optionOf, readExtendedError, type Edns } from '../dns/edns.ts'
import { reason, type Reason } from './reason.ts'

/** The reason for an RCODE other than NOERROR. */
export function reasonOfRcode(rcode: number, edns: Edns | undefined): Reason {
  const detail = extendedDetail(edns)
  switch (rcode) {
    case RCODE.REFUSED:
      return reason('refused', { detail })
    case RCODE.NOTAUTH:
      return reason('not-authoritative', { detail })
    case RCODE.NXDOMAIN:
      return reason('name-error', { detail })
    case RCODE.SERVFAIL:
      return reason('server-failure', { detail })
    case RCODE.NOTIMP:
      return reason('not-implemented', { detail })
    case RCODE.FORMERR:
      return reason('format-error', { detail })
    case RCODE.BADVERS:
      return reason('bad-version', { detail })
    default:
      return reason('other-rcode', { rcode: rcodeName(rcode), detail })
  }
}

/** The sender's text goes to logs and to the API, so what could end a line or hide is left out. */
export function extendedDetail(edns: Edns | undefined): string {
  const octets = optionOf(edns, OPTION.EDE)
  const error = octets && readExtendedError(octets)
  if (error === undefined) return ''
  const text = error.text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200)
  return text === '' ? ` (EDE ${error.code})` : ` (EDE ${error.code}: ${text})`
}
