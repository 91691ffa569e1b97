/**
 * Why handing a zone on failed: the closed list, for NOTIFY and for transfers out.
 *
 * Like the list of failures on the way in (reason.ts): a code for metrics and the API, a sentence with the facts, and a
 * sentence that tells the operator what to do. Sentences have no full stop.
 */

import { fillFacts } from './reason.ts'

interface OutgoingReasonRow {
  /** Whether the same may succeed a little later. */
  readonly again: boolean
  readonly sentence: string
  readonly mend: string
}

const ALLOW_NOTIFY =
  'Allow our address and key at the secondary: primaries or allow-notify (BIND), an acl with action notify (Knot), allow-notify (NSD), trusted-notification-proxy or a primary of that address (PowerDNS).'
const KEYS = 'Compare name, algorithm and secret of the TSIG key here and at the secondary.'

export const OUTGOING_REASON_ROWS = {
  // NOTIFY.
  'notify-unreachable': {
    again: true,
    sentence: 'the NOTIFY could not be delivered: {error}',
    mend: 'Check that the secondary runs, that address and port of the peer are right, and that firewalls let UDP and TCP through.',
  },
  'notify-unanswered': {
    again: true,
    sentence: 'no answer to the NOTIFY within {seconds} s',
    mend: 'Check that the secondary runs and takes NOTIFY from our address; it will find the change when SOA REFRESH has passed.',
  },
  'notify-refused': { again: false, sentence: 'the NOTIFY was answered with {rcode}{detail}', mend: ALLOW_NOTIFY },
  'notify-failed': {
    again: true,
    sentence: 'the NOTIFY was answered with SERVFAIL{detail}',
    mend: 'See in the log of the secondary why it answers so.',
  },
  'notify-unsupported': {
    again: false,
    sentence: 'the NOTIFY was answered with NOTIMP{detail}',
    mend: 'The secondary does not know NOTIFY: give the zone a short SOA REFRESH, or unset the address of the peer.',
  },
  'notify-not-believed': {
    again: true,
    sentence: 'the answer to the NOTIFY is not signed as it should be: {error}',
    mend: KEYS,
  },
  'notify-unreadable': {
    again: true,
    sentence: 'the answer to the NOTIFY cannot be read: {error}',
    mend: 'Look for a middlebox that changes DNS, and update the secondary.',
  },

  // Transfers out.
  'broken-off': {
    again: true,
    sentence: 'the connection ended after {messages} messages',
    mend: 'See in the log of the secondary why it stopped; a limit on transfers or a timeout there is likely, or it read too slowly.',
  },
  'zone-gone': {
    again: true,
    sentence: 'the zone was removed, or expired, while it was sent',
    mend: 'Nothing, if the zone was removed; else mend the transfer from which this server gets it.',
  },
  'record-too-large': {
    again: false,
    sentence: 'a record fits into no message',
    mend: 'Make the record shorter: with its owner and a signature it must fit into 65535 octets.',
  },
  'not-signed': {
    again: false,
    sentence: 'the request was not signed with the key of the peer',
    mend: 'Let the secondary sign its requests with the TSIG key of the peer.',
  },
  'signature-refused': {
    again: false,
    sentence: 'the signature of the request does not hold: {error}',
    mend: KEYS,
  },
  'other-key': { again: false, sentence: 'the request was signed with another key', mend: KEYS },
  'too-many-transfers': {
    again: true,
    sentence: 'as many transfers were running as may run',
    mend: 'Raise limits.transfersOut or limits.transfersOutPerClient if the load allows it; the secondary tries again.',
  },
  'zone-expired': {
    again: true,
    sentence: 'the zone has expired here',
    mend: 'Mend the transfer from which this server gets the zone.',
  },
  'zone-not-loaded': {
    again: true,
    sentence: 'the zone has not come yet',
    mend: 'See in the transfers of the zone why it has not come from its primaries.',
  },
} as const satisfies Record<string, OutgoingReasonRow>

export type OutgoingReasonCode = keyof typeof OUTGOING_REASON_ROWS

/** A failure on the way out: its code, and the facts for its sentence. */
export interface OutgoingReason {
  readonly code: OutgoingReasonCode
  readonly facts: Readonly<Record<string, string | number>>
}

export function outgoingReason(code: OutgoingReasonCode, facts: OutgoingReason['facts'] = {}): OutgoingReason {
  return { code, facts }
}

/** The failure as a sentence for logs and for the API. */
export function outgoingSentence({ code, facts }: OutgoingReason): string {
  return fillFacts(OUTGOING_REASON_ROWS[code].sentence, facts)
}

/** What the operator can do about it. */
export function outgoingMend(code: OutgoingReasonCode): string {
  return OUTGOING_REASON_ROWS[code].mend
}

/** Whether the same may succeed a little later. */
export function isWorthAgain({ code }: OutgoingReason): boolean {
  return OUTGOING_REASON_ROWS[code].again
}
