/** The rows of the closed list of failures; see `reason.ts` for what the columns mean. Sentences have no full stop. */

/** What a failure means for the round it happened in. */
export type ReasonKind =
  /** No connection, or one lost before any answer: the other primaries, and no connection to this one for a while. */
  | 'unreachable'
  /** Connected, but no answer came. */
  | 'silent'
  /** An answer began and did not end. */
  | 'broken'
  /** The primary said no. */
  | 'refused'
  /** The primary does not know IXFR, as far as one can tell. */
  | 'no ixfr'
  /** What was sent is not a zone we can take; asking again at once would bring the same. */
  | 'content'
  /** The answer was not signed as it should be. */
  | 'signature'
  /** The answer to a SOA query says nothing about the zone. */
  | 'lame'
  /** The fault is ours, and another primary would not mend it. */
  | 'local'

interface ReasonRow {
  readonly kind: ReasonKind
  readonly sentence: string
  readonly mend: string
}

const ALLOW =
  'Allow our address and key at the primary: allow-transfer (BIND), an acl with action transfer (Knot), provide-xfr (NSD), allow-axfr-ips (PowerDNS).'
const FAULTY = 'The primary sent what no correct nameserver sends; update it, or take the zone from another primary.'
const DAMAGED =
  'Update the primary, and look for a middlebox that changes DNS; until then take the zone from another primary.'
const KEYS = 'Compare name, algorithm and secret of the TSIG key here and at the primary.'
const ZONE_MISSING = 'Configure the zone at the primary, and see in its log whether it could load it.'
const CONTENT = 'Correct the zone at the primary; the version we have is served until then.'
const LIMITS = 'Raise the limit in our configuration if the zone is meant to be this large.'
const PATIENCE = 'Check the load of the primary and the network between us; the limit is in our configuration.'

export const REASON_ROWS = {
  // The way there.
  'connect-failed': {
    kind: 'unreachable',
    sentence: 'no TCP connection could be made: {error}',
    mend: 'Check that the primary runs, that its address and port are right, and that firewalls let TCP through.',
  },
  'connect-timeout': {
    kind: 'unreachable',
    sentence: 'no TCP connection within {seconds} s',
    mend: 'Check that the primary runs, that its address and port are right, and that firewalls let TCP through.',
  },
  'connection-lost': {
    kind: 'unreachable',
    sentence: 'the primary closed the connection before it answered',
    mend: ALLOW,
  },
  'no-answer': { kind: 'silent', sentence: 'no answer within {seconds} s', mend: PATIENCE },
  cut: {
    kind: 'broken',
    sentence: 'the connection ended after {records} records, before the final SOA',
    mend: 'See in the log of the primary why it stopped; a limit on transfers or a timeout there is likely.',
  },
  stalled: { kind: 'broken', sentence: 'nothing came for {seconds} s after {records} records', mend: PATIENCE },
  'too-slow': { kind: 'broken', sentence: 'fewer than {octets} octets in {seconds} s', mend: PATIENCE },
  'too-long': { kind: 'broken', sentence: 'not finished after {seconds} s', mend: PATIENCE },

  // The primary's own word.
  refused: { kind: 'refused', sentence: 'the primary answered REFUSED{detail}', mend: ALLOW },
  'not-authoritative': {
    kind: 'refused',
    sentence: 'the primary answered NOTAUTH: it does not serve the zone{detail}',
    mend: ZONE_MISSING,
  },
  'name-error': { kind: 'refused', sentence: 'the primary answered NXDOMAIN{detail}', mend: ZONE_MISSING },
  'server-failure': { kind: 'refused', sentence: 'the primary answered SERVFAIL{detail}', mend: ZONE_MISSING },
  'other-rcode': {
    kind: 'refused',
    sentence: 'the primary answered {rcode}{detail}',
    mend: 'See in the log of the primary why it answers so.',
  },
  'not-implemented': {
    kind: 'no ixfr',
    sentence: 'the primary answered NOTIMP{detail}',
    mend: 'Switch IXFR off for this peer; full transfers are used meanwhile.',
  },
  'format-error': {
    kind: 'no ixfr',
    sentence: 'the primary answered FORMERR{detail}',
    mend: 'Switch IXFR off for this peer; full transfers are used meanwhile.',
  },
  'bad-version': { kind: 'refused', sentence: 'the primary answered BADVERS{detail}', mend: FAULTY },

  // One message.
  'short-message': { kind: 'content', sentence: 'a message of {octets} octets, shorter than a header', mend: DAMAGED },
  'wrong-id': { kind: 'content', sentence: 'expected message ID {expected}, found {found}', mend: DAMAGED },
  'not-a-response': { kind: 'content', sentence: 'a message with QR=0 where a response was due', mend: FAULTY },
  'wrong-opcode': { kind: 'content', sentence: 'expected opcode 0, found {opcode}', mend: FAULTY },
  truncated: { kind: 'content', sentence: 'a message over TCP has TC=1', mend: FAULTY },
  'wrong-question': { kind: 'content', sentence: 'the question of a message is not ours: {found}', mend: FAULTY },
  malformed: { kind: 'content', sentence: 'a message cannot be read: {error}', mend: FAULTY },
  'empty-answer': {
    kind: 'refused',
    sentence: 'NOERROR without any record',
    mend: ALLOW,
  },
  'empty-messages': { kind: 'content', sentence: '{count} messages in a row without a record', mend: FAULTY },

  // The stream of records.
  'first-not-soa': {
    kind: 'content',
    sentence: 'expected the SOA of the zone first, found {owner} {type}',
    mend: FAULTY,
  },
  'soa-not-at-apex': { kind: 'content', sentence: 'a SOA record at {owner}, which is not the apex', mend: CONTENT },
  'soa-in-the-middle': {
    kind: 'content',
    sentence: 'a SOA with serial {found} inside the zone of serial {serial}',
    mend: FAULTY,
  },
  'unequal-soa': {
    kind: 'content',
    sentence: 'the final SOA (serial {found}) is not the first one (serial {serial})',
    mend: 'The zone changed while it was sent; this mends itself, or the primary is faulty.',
  },
  'trailing-records': { kind: 'content', sentence: '{count} records after the final SOA', mend: FAULTY },
  'wrong-class': { kind: 'content', sentence: 'expected class IN, found class {class} at {owner}', mend: CONTENT },
  'meta-type': { kind: 'content', sentence: 'type {type} at {owner} cannot be a record of a zone', mend: CONTENT },
  'bad-rdata': { kind: 'content', sentence: 'the {type} record at {owner} is malformed: {error}', mend: CONTENT },
  'wrong-start': {
    kind: 'content',
    sentence: 'the differences start at serial {found}, and we have {ours}',
    mend: FAULTY,
  },
  'broken-chain': {
    kind: 'content',
    sentence: 'a difference starts at serial {found} where the one before ended at {expected}',
    mend: FAULTY,
  },
  'serial-not-newer': {
    kind: 'content',
    sentence: 'a difference leads from serial {from} to {to}, which is not newer',
    mend: FAULTY,
  },
  'wrong-end': {
    kind: 'content',
    sentence: 'the differences lead to serial {found}, and {serial} was announced',
    mend: FAULTY,
  },
  'too-many-steps': { kind: 'content', sentence: 'more than {max} differences in one transfer', mend: LIMITS },
  'absent-record': {
    kind: 'content',
    sentence: 'a difference removes the {type} record at {owner}, which we do not have',
    mend: 'Our version and that of the primary differ under one serial; a full transfer mends it.',
  },
  'primary-expired': {
    kind: 'refused',
    sentence: 'the primary says that its own copy of the zone has expired',
    mend: 'Mend the transfer from which that primary gets the zone.',
  },

  // What the zone is as a whole.
  limit: {
    kind: 'content',
    sentence: 'the limit {limit} is {max}, and {owner} {type} would make it {seen}',
    mend: LIMITS,
  },
  'too-many-octets': { kind: 'content', sentence: 'more than {max} octets in one transfer', mend: LIMITS },
  'too-many-messages': { kind: 'content', sentence: 'more than {max} messages in one transfer', mend: LIMITS },
  'unfit-zone': { kind: 'content', sentence: 'the zone cannot be published: {finding}', mend: CONTENT },

  // TSIG.
  'tsig-unsigned': { kind: 'signature', sentence: 'a message that had to be signed is not: {error}', mend: KEYS },
  'tsig-bad-key': { kind: 'signature', sentence: 'the primary does not know the key {key}: {error}', mend: KEYS },
  'tsig-bad-mac': { kind: 'signature', sentence: 'the signature by key {key} is wrong: {error}', mend: KEYS },
  'tsig-bad-time': {
    kind: 'signature',
    sentence: 'the clocks of the primary and of this server differ: {error}',
    mend: 'Set both clocks by NTP.',
  },
  'tsig-error': { kind: 'signature', sentence: 'the TSIG record cannot be used: {error}', mend: KEYS },

  // Answers to SOA queries.
  'soa-lame': { kind: 'lame', sentence: 'the answer to the SOA query is not authoritative (AA=0)', mend: ZONE_MISSING },
  'soa-truncated': { kind: 'lame', sentence: 'the answer to the SOA query is truncated', mend: DAMAGED },
  'soa-alias': { kind: 'lame', sentence: 'the SOA query was answered with CNAME', mend: ZONE_MISSING },
  'soa-referral': { kind: 'lame', sentence: 'the SOA query was answered with a referral', mend: ZONE_MISSING },
  'soa-nodata': { kind: 'lame', sentence: 'the SOA query was answered without a SOA record', mend: ZONE_MISSING },
  'soa-count': { kind: 'lame', sentence: 'expected one SOA record in the answer, found {count}', mend: FAULTY },
  'soa-malformed': { kind: 'lame', sentence: 'the SOA record in the answer is malformed: {error}', mend: FAULTY },

  // Ours.
  cancelled: {
    kind: 'local',
    sentence: 'cancelled: {cause}',
    mend: 'Nothing; a new attempt follows where one is due.',
  },
  'local-failure': {
    kind: 'local',
    sentence: 'this server could not take the zone: {error}',
    mend: 'See the log of this server; a full disk is likely.',
  },
} as const satisfies Record<string, ReasonRow>
