/** The OPT record of answers that are made from whole messages. */

import type { Edns } from '../dns/edns.ts'
import type { Message } from '../dns/message.ts'

/** The largest UDP message that we take (RFC 9715). */
const UDP_SIZE = 1232

/** OPT in the answer if and only if it was in the request (RFC 6891 §7). */
export function ednsFor(request: Message, options: Edns['options'] = []): Edns | undefined {
  return request.edns && { udpSize: UDP_SIZE, version: 0, do: false, flags: 0, options }
}
