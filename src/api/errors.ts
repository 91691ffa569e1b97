/**
 * Every error the API can answer: one table from our code to the HTTP status and the number that clients see.
 *
 * Where Cloudflare has a number for a case it is used here, for clients know some of them; numbers from 12000 on are our
 * own. Conflicts are 400 and never 409, because the official SDKs try 409 again. The manual lists the whole table
 * (docs/manual/api-errors.md); a test sees to that.
 */

import type { Problem, ProblemCode, Refused } from '../engine/problem.ts'

interface ErrorRow {
  readonly number: number
  readonly status: number
  /** What the error means in general; an answer says it more precisely where it can. */
  readonly text: string
}

/** Codes of what goes wrong before the control plane is asked. */
type GatewayCode =
  | 'auth-email-malformed'
  | 'auth-header-malformed'
  | 'auth-key-malformed'
  | 'auth-key-unknown'
  | 'auth-missing'
  | 'auth-wrong'
  | 'body-too-deep'
  | 'body-too-large'
  | 'contents-busy'
  | 'contents-missing'
  | 'edit-refused'
  | 'file-missing'
  | 'form-malformed'
  | 'headers-invalid'
  | 'identifier-invalid'
  | 'internal'
  | 'json-malformed'
  | 'member-invalid'
  | 'members-elsewhere'
  | 'not-about-dns'
  | 'query-invalid'
  | 'rate-limited'
  | RecordCode
  | 'request-malformed'
  | 'role-unknown'
  | 'route-unknown'
  | 'service-key-unsupported'
  | 'zone-busy'
  | 'zone-change-not-single'
  | 'zone-change-unsupported'
  | 'zone-file-invalid'
  | 'zone-type-unsupported'

/** What can be wrong with a record that somebody wants to make or change. */
type RecordCode =
  | 'address-exists'
  | 'batch-too-large'
  | 'cname-exists'
  | 'comment-invalid'
  | 'ds-without-ns'
  | 'name-servers-ours'
  | 'ns-exists'
  | 'record-content-invalid'
  | 'record-exists'
  | 'record-exists-once'
  | 'record-invalid'
  | 'record-ipv4-invalid'
  | 'record-ipv6-invalid'
  | 'record-name-invalid'
  | 'record-name-outside'
  | 'record-no-override'
  | 'record-not-proxiable'
  | 'record-refers-to-itself'
  | 'record-settings-invalid'
  | 'record-target-invalid'
  | 'record-target-not-proxiable'
  | 'record-too-large'
  | 'record-ttl-not-a-number'
  | 'record-ttl-out-of-range'
  | 'record-type-refused'
  | 'record-type-unknown'
  | 'record-unknown'
  | 'records-busy'
  | 'records-read-only'
  | 'too-many-overrides'
  | 'rrset-too-large'
  | 'scan-busy'
  | 'scan-unavailable'
  | 'tags-invalid'
  | 'too-many-ns'

export type ErrorCode = ProblemCode | GatewayCode

export const ERRORS = {
  'route-unknown': { number: 7000, status: 404, text: 'no route for that URI' },
  'identifier-invalid': {
    number: 7003,
    status: 404,
    text: 'could not route the request, perhaps your object identifier is invalid?',
  },
  'request-malformed': { number: 6012, status: 400, text: 'the request is not valid HTTP' },
  'headers-invalid': { number: 6003, status: 400, text: 'invalid request headers' },
  'auth-email-malformed': { number: 6102, status: 400, text: 'invalid format for X-Auth-Email header' },
  'auth-key-malformed': { number: 6103, status: 400, text: 'invalid format for X-Auth-Key header' },
  'auth-header-malformed': { number: 6111, status: 400, text: 'invalid format for Authorization header' },
  'auth-missing': {
    number: 9106,
    status: 400,
    text: 'missing Authorization header; send "Authorization: Bearer" and an API token',
  },
  'auth-key-unknown': {
    number: 9103,
    status: 403,
    text: 'unknown X-Auth-Key or X-Auth-Email; send "Authorization: Bearer" and an API token',
  },
  'service-key-unsupported': { number: 9104, status: 403, text: 'service keys are not supported' },
  'auth-wrong': { number: 10_000, status: 403, text: 'authentication error' },
  'rate-limited': { number: 10_100, status: 429, text: 'more requests than are allowed; please wait' },
  'json-malformed': { number: 6007, status: 400, text: 'malformed JSON in the request body' },
  'body-too-large': { number: 6008, status: 413, text: 'the request body is too large' },
  'body-too-deep': { number: 6009, status: 400, text: 'the request body is nested too deeply' },
  'member-invalid': { number: 6010, status: 400, text: 'a member of the request body is missing or of the wrong type' },
  'query-invalid': { number: 6011, status: 400, text: 'a query parameter is not valid' },
  internal: { number: 1500, status: 500, text: 'internal error' },

  'account-unknown': { number: 1010, status: 404, text: 'there is no such account' },
  'grant-beyond-rights': { number: 1001, status: 400, text: 'nobody grants what they do not have' },
  'account-invalid': { number: 1011, status: 400, text: 'the account given does not exist' },
  'zone-unknown': { number: 1001, status: 404, text: 'there is no such zone' },
  'zone-name-invalid': { number: 1002, status: 400, text: 'the name is not one a zone can have' },
  'zone-type-unsupported': { number: 1003, status: 400, text: 'zones of this type are not supported' },
  'zone-change-not-single': { number: 1006, status: 400, text: 'a zone is changed in one member at a time' },
  'zone-change-unsupported': { number: 1007, status: 400, text: 'this member of a zone cannot be changed' },
  'zone-exists': { number: 1061, status: 400, text: 'a zone of this name already exists' },
  'record-unknown': { number: 81_044, status: 404, text: 'record does not exist' },
  'records-read-only': {
    number: 81_070,
    status: 400,
    text: 'the records of a secondary zone come from its primaries and are changed there; to proxy some, turn secondary_overrides on',
  },
  'record-invalid': { number: 1004, status: 400, text: 'DNS Validation Error' },
  'record-name-invalid': { number: 9000, status: 400, text: 'DNS name is invalid.' },
  'record-target-not-proxiable': { number: 9003, status: 400, text: 'a proxied record cannot lead to this address' },
  'record-not-proxiable': { number: 9004, status: 400, text: 'this type of record cannot be proxied' },
  'record-ipv4-invalid': { number: 9005, status: 400, text: 'content of an A record must be an IPv4 address' },
  'record-ipv6-invalid': { number: 9006, status: 400, text: 'content of an AAAA record must be an IPv6 address' },
  'record-target-invalid': { number: 9007, status: 400, text: 'content of a CNAME record must be a domain name' },
  'record-ttl-out-of-range': { number: 9021, status: 400, text: 'the TTL is out of range' },
  'record-ttl-not-a-number': { number: 9022, status: 400, text: 'the TTL is not a whole number' },
  'record-refers-to-itself': { number: 9039, status: 400, text: 'content of a CNAME record cannot be its own name' },
  'address-exists': {
    number: 81_053,
    status: 400,
    text: 'An A, AAAA, or CNAME record with that host already exists.',
  },
  'cname-exists': { number: 81_054, status: 400, text: 'A CNAME record with that host already exists.' },
  'ns-exists': { number: 81_056, status: 400, text: 'NS records with that host already exist.' },
  'record-exists-once': { number: 81_057, status: 400, text: 'The record already exists.' },
  'record-exists': { number: 81_058, status: 400, text: 'An identical record already exists.' },
  'record-type-unknown': { number: 12_101, status: 400, text: 'type is missing, or no type of record' },
  'record-type-refused': { number: 12_102, status: 400, text: 'records of this type are not edited' },
  'record-content-invalid': {
    number: 12_103,
    status: 400,
    text: 'the content of the record is not valid for its type',
  },
  'record-name-outside': { number: 12_104, status: 400, text: 'the name lies outside of the zone' },
  'comment-invalid': { number: 12_105, status: 400, text: 'the comment is not one line of at most 500 characters' },
  'tags-invalid': { number: 12_106, status: 400, text: 'tags are not a list of texts as name:value' },
  'record-settings-invalid': { number: 12_107, status: 400, text: 'these settings do not fit the record' },
  'record-no-override': {
    number: 12_109,
    status: 400,
    text: 'a record of a secondary zone can only be proxied, or be a CNAME record at the apex',
  },
  'record-too-large': { number: 12_108, status: 400, text: 'a record has 4096 octets of RDATA at most' },
  'ds-without-ns': { number: 12_110, status: 400, text: 'DS records stand beside NS records only' },
  'too-many-ns': { number: 12_111, status: 400, text: 'a name is delegated to 10 nameservers at most' },
  'rrset-too-large': {
    number: 12_112,
    status: 400,
    text: 'the records of one name and type have 8192 octets of RDATA at most',
  },
  'name-servers-ours': {
    number: 12_113,
    status: 400,
    text: 'our own nameservers stand at the apex already',
  },
  'batch-too-large': { number: 12_114, status: 400, text: 'more operations than one request may have' },
  'records-busy': { number: 12_115, status: 503, text: 'others keep changing these records; please try again' },
  'edit-refused': { number: 12_116, status: 503, text: 'the change could not be made; please try again' },
  'too-many-overrides': { number: 12_117, status: 400, text: 'there are as many overrides as a zone may have' },
  'zone-file-invalid': { number: 12_120, status: 400, text: 'the master file cannot be imported' },
  'form-malformed': { number: 12_121, status: 400, text: 'the body is no form with a file' },
  'file-missing': {
    number: 12_122,
    status: 400,
    text: 'expected a master file, as the part "file" of a form or as the body',
  },
  'scan-unavailable': { number: 12_130, status: 503, text: 'there is no resolver to ask for the present records' },
  'scan-busy': { number: 12_131, status: 503, text: 'as many scans run as may run at once; please try again' },
  'contents-busy': { number: 12_051, status: 503, text: 'too many answers read zones just now; please try again' },
  'contents-missing': { number: 12_050, status: 404, text: 'the zone has no contents yet' },

  'acl-unknown': { number: 12_001, status: 404, text: 'there is no such ACL' },
  'network-invalid': { number: 12_002, status: 400, text: 'ip_range is not a network' },
  'network-too-wide': { number: 12_003, status: 400, text: 'ip_range is wider than /24 (IPv4) or /64 (IPv6)' },
  'name-missing': { number: 12_004, status: 400, text: 'name is empty' },
  'peer-unknown': { number: 12_011, status: 404, text: 'there is no such peer' },
  'address-invalid': { number: 12_012, status: 400, text: 'ip is not an IPv4 or IPv6 address' },
  'port-invalid': { number: 12_013, status: 400, text: 'port is not a port' },
  'peer-in-use': {
    number: 12_014,
    status: 400,
    text: 'zones are transferred from or to the peer; force=true removes it anyway',
  },
  'tsig-unknown': { number: 12_021, status: 404, text: 'there is no such TSIG' },
  'tsig-name-invalid': { number: 12_022, status: 400, text: 'the name of the TSIG is not a domain name' },
  'tsig-algorithm-unknown': { number: 12_023, status: 400, text: 'algo is not a TSIG algorithm' },
  'tsig-algorithm-off': { number: 12_024, status: 400, text: 'the TSIG algorithm is switched off' },
  'tsig-secret-invalid': { number: 12_025, status: 400, text: 'the secret is not base64' },
  'tsig-in-use': { number: 12_026, status: 400, text: 'peers use the TSIG' },
  'tsig-not-in-account': { number: 12_027, status: 400, text: 'the account has no such TSIG' },
  'incoming-unknown': { number: 12_031, status: 404, text: 'the zone has no incoming configuration' },
  'incoming-exists': { number: 12_032, status: 400, text: 'the zone has an incoming configuration already' },
  'zone-name-mismatch': { number: 12_033, status: 400, text: 'name is not the name of the zone' },
  'zone-not-secondary': { number: 12_034, status: 400, text: 'the zone is not of type secondary' },
  'too-many-peers': { number: 12_035, status: 400, text: 'a zone has 30 peers at most' },
  'peer-not-in-account': { number: 12_036, status: 400, text: 'the account has no such peer' },
  'peer-repeated': { number: 12_037, status: 400, text: 'a peer is listed twice' },
  'refresh-invalid': {
    number: 12_038,
    status: 400,
    text: "auto_refresh_seconds is neither 300 or more nor 0, which stands for the zone's SOA timers",
  },
  'tsig-mixed': {
    number: 12_039,
    status: 400,
    text: 'the peers of a zone do not all use the same TSIG; force=true allows it',
  },
  'zone-name-not-apex': { number: 1099, status: 400, text: 'the name is not one that can be delegated' },
  'hold-unknown': { number: 12_305, status: 404, text: 'the zone is not held' },
  'hold-after-invalid': { number: 12_306, status: 400, text: 'hold_after is not an instant' },
  'zone-held': { number: 12_307, status: 400, text: 'a hold of another account keeps the zone from being set up' },
  'zone-linked': { number: 12_308, status: 400, text: 'the zone is linked to peers that it comes from' },
  'zone-busy': { number: 12_309, status: 400, text: 'a transfer of the zone is under way; please try again' },
  'not-about-dns': {
    number: 12_310,
    status: 400,
    text: 'this server does DNS: what belongs to other products can be listed, and is empty, but not changed',
  },
  'dns-setting-invalid': { number: 12_301, status: 400, text: 'a DNS setting has a value it cannot have' },
  'dns-settings-contradict': { number: 12_302, status: 400, text: 'DNS settings contradict each other' },
  'nameservers-unsupported': { number: 12_303, status: 400, text: 'there are no custom nameservers to assign' },
  'version-refused': { number: 12_304, status: 400, text: 'the change would leave no zone that can be served' },
  'role-unknown': { number: 12_225, status: 404, text: 'there is no such role' },
  'members-elsewhere': {
    number: 12_226,
    status: 400,
    text: 'who is in an account is said by the administrator, where users are: /api/v1/users',
  },
  'account-in-use': { number: 12_201, status: 400, text: 'the account has zones or users' },
  'token-unknown': { number: 12_211, status: 404, text: 'there is no such token' },
  'token-name-invalid': { number: 12_212, status: 400, text: 'the name of the token is empty or too long' },
  'token-policy-invalid': { number: 12_213, status: 400, text: 'a policy of the token cannot be used' },
  'token-condition-invalid': { number: 12_214, status: 400, text: 'a condition of the token cannot be used' },
  'token-time-invalid': { number: 12_215, status: 400, text: 'a time of the token cannot be used' },
  'too-many-tokens': { number: 12_216, status: 400, text: 'there are as many tokens as there may be' },
  'user-unknown': { number: 12_221, status: 404, text: 'there is no such user' },
  'email-invalid': { number: 12_222, status: 400, text: 'email is not an e-mail address' },
  'email-taken': { number: 12_223, status: 400, text: 'another user has this e-mail address' },
  'user-in-use': { number: 12_224, status: 400, text: 'the administrator cannot be removed' },
  'outgoing-unknown': { number: 12_041, status: 404, text: 'the zone has no outgoing configuration' },
  'outgoing-exists': { number: 12_042, status: 400, text: 'the zone has an outgoing configuration already' },
  'no-primaries': { number: 12_040, status: 400, text: 'there is no primary to fetch the zone from' },
} as const satisfies Record<ErrorCode, ErrorRow>

/** One error of an answer. */
export interface Fault {
  readonly code: ErrorCode
  /** In place of the general text of the table. */
  readonly text?: string
  readonly pointer?: string
  /** What it consists of, for clients that look there for the reason. */
  readonly chain?: readonly Fault[]
}

/** A request that cannot be answered as asked. Caught at one border: the error handler of its face. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly faults: readonly Fault[]

  constructor(code: ErrorCode, more: Omit<Fault, 'code'> = {}) {
    super(more.text ?? ERRORS[code].text)
    this.faults = [{ code, ...more }]
  }

  /** Several things that are wrong at once; the first decides the status. */
  static of(faults: readonly [Fault, ...Fault[]]): ApiError {
    const error = new ApiError(faults[0].code, faults[0])
    return Object.assign(error, { faults })
  }

  get status(): number {
    return ERRORS[(this.faults[0] as Fault).code].status
  }
}

/** A refusal of the control plane as an error to throw. */
export function refusal({ problems }: Refused): ApiError {
  const [first, ...rest] = problems as readonly [Problem, ...Problem[]]
  return ApiError.of([first, ...rest])
}
