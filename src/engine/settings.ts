/**
 * Every setting of the server: its meaning, default and bounds, once.
 *
 * The type, the validation of the YAML file, and the JSON Schema that editors use all come from here.
 */

import Type, { type Static } from 'typebox'
import Value from 'typebox/value'

const closed = { additionalProperties: false, default: {} }

const seconds = (description: string, value: number, bounds: { minimum?: number; maximum?: number } = {}) =>
  Type.Integer({ description: `${description} (seconds)`, default: value, minimum: 0, ...bounds })

const count = (description: string, value: number, minimum = 1) =>
  Type.Integer({ description, default: value, minimum })

/** How much one transfer, one zone and one peer may cost us. Each breach is a log line and a metric. */
const Limits = Type.Object(
  {
    transfersIn: count('transfers in that run at once', 20),
    transfersPerPrimary: count('transfers in that run at once from one address', 4),
    checks: count('SOA checks that run at once', 200),
    checksPerPrimary: count('SOA checks that run at once at one address', 50),
    transferOctetsMax: count('octets of one transfer', 4 * 1024 ** 3),
    transferRecordsMax: count('records of one zone', 50_000_000),
    transferMessagesMax: count('messages of one transfer', 20_000_000),
    recordsPerRrsetMax: count('records of one RRset', 20_000),
    typesPerOwnerMax: count('types at one owner', 100),
    ixfrStepsMax: count('differences in one incremental transfer', 100_000),
    connectSeconds: seconds('time to connect to a primary', 10, { minimum: 1 }),
    checkSeconds: seconds('time to wait for the answer to one SOA query', 3, { minimum: 1 }),
    checkTries: count('SOA queries sent by UDP before giving up', 3),
    transferIdleSeconds: seconds('time without an octet from the primary', 60, { minimum: 1 }),
    transferTotalSeconds: seconds('time one transfer may take', 7200, { minimum: 1 }),
    transferRateMin: Type.Object(
      {
        octets: count('octets that must arrive', 10_240),
        seconds: seconds('within this time', 300, { minimum: 1 }),
      },
      closed,
    ),
    notifyPending: count('NOTIFY messages waiting to be judged', 256),
    tcpConnections: count('TCP connections in all', 1000),
    tcpConnectionsPerClient: count('TCP connections of one client', 150),
    tcpIdleSeconds: seconds('time a TCP connection may be idle', 10, { minimum: 1 }),
    tcpUnreadOctetsMax: count('octets of answers a TCP client has not read', 1024 * 1024),
    tcpQueriesInFlight: count('queries in flight on one TCP connection', 1000),
    transfersOut: count('transfers out that run at once', 50),
    transfersOutPerClient: count('transfers out that run at once to one client', 25),
    lookups: count('names that are looked up at once', 100),
    lookupSeconds: seconds('time to wait for the answer of a resolver to each try', 2, { minimum: 1 }),
    lookupTries: count('times a resolver is asked by UDP before giving up', 2),
    tokensPerUser: count('API tokens of one user', 50),
    overridesPerZone: count('records that are answered in place of what was transferred into one zone', 1000),
    tokensPerAccount: count('API tokens of one account', 500),
    ixfrOctetsMax: count('octets of differences in one incremental transfer out', 32 * 1024 * 1024),
    notifiesOut: count('NOTIFY messages that wait for their answer at once', 200),
    notifiesOutPerPeer: count('NOTIFY messages that wait for their answer at once at one address', 20),
    analyticsRowsPerZone: count('kinds of questions told apart per zone, in one minute and in one hour', 1000),
    analyticsHours: count('hours of counted questions in the store, those of all zones together', 2_000_000),
    analyticsRows: count('the same of all zones: in one hour, and in all minutes that are kept', 200_000),
  },
  closed,
)

/** How this server follows other people's primaries. */
const Secondary = Type.Object(
  {
    ixfr: Type.Union([Type.Literal('off'), Type.Literal('on'), Type.Literal('udp first')], {
      description: 'incremental transfers from peers that have them switched on',
      default: 'on',
    }),
    expired: Type.Union([Type.Literal('stop'), Type.Literal('serve')], {
      description: 'what happens to a zone when SOA EXPIRE has passed: answer SERVFAIL, or serve on',
      default: 'stop',
    }),
    lowerSerial: Type.Union([Type.Literal('ignore'), Type.Literal('follow')], {
      description: 'what happens when every primary has a lower serial than ours',
      default: 'ignore',
    }),
    notifySignature: Type.Union([Type.Literal('required'), Type.Literal('optional')], {
      description: 'whether a NOTIFY must be signed where the primary has a TSIG; an ill-signed one is refused always',
      default: 'required',
    }),
    refreshMin: seconds('SOA REFRESH counts as at least', 30),
    refreshMax: seconds('SOA REFRESH counts as at most', 2_419_200),
    retryMin: seconds('SOA RETRY counts as at least', 5),
    retryMax: seconds('SOA RETRY counts as at most', 1_209_600),
    expireMin: seconds('SOA EXPIRE counts as at least', 0),
    expireMax: seconds('SOA EXPIRE counts as at most', 14_515_200),
    localAddress: Type.Array(Type.String(), {
      description: 'addresses that checks and transfers come from, one for IPv4 and one for IPv6 at most',
      default: [],
      maxItems: 2,
    }),
  },
  closed,
)

/** How zones that are edited here are answered for and handed on. */
const Primary = Type.Object(
  {
    serial: Type.Union([Type.Literal('counter'), Type.Literal('unixtime'), Type.Literal('date')], {
      description: 'how serials of zones are counted that do not say it themselves',
      default: 'counter',
    }),
    automaticTtl: seconds('what the TTL 1 of a record comes to', 300, { minimum: 30, maximum: 86_400 }),
    proxyAddresses: Type.Array(Type.String(), {
      description: 'addresses that proxied records are answered with; without any they are answered as they are',
      default: [],
    }),
    ttlMin: seconds('least TTL of a record, 1 for automatic aside', 30, { maximum: 86_400 }),
    batchOperationsMax: count('records changed by one request', 3500),
    importOctetsMax: count('octets of an imported master file', 10 * 1024 ** 2),
    transferCaa: Type.Boolean({
      description: 'whether CAA records of zones that are edited here are transferred out',
      default: false,
    }),
    ixfrCondense: Type.Boolean({
      description: 'send all changes of an incremental transfer out as one difference',
      default: false,
    }),
    notifyDelayMs: Type.Integer({
      description:
        'how long changes are gathered after peers were told of one; the first after quiet is told at once (milliseconds)',
      default: 100,
      minimum: 0,
      maximum: 60_000,
    }),
    notifyTries: Type.Integer({
      description: 'how often a peer is told of a change until it answers; the last time by TCP',
      default: 5,
      minimum: 1,
      maximum: 20,
    }),
    notifyTimeoutSeconds: seconds('time to wait for the answer to a NOTIFY; pauses begin with it and double', 3, {
      minimum: 1,
      maximum: 60,
    }),
    notifySource: Type.Array(Type.String(), {
      description: 'addresses that NOTIFY messages come from, one for IPv4 and one for IPv6 at most',
      default: [],
      maxItems: 2,
    }),
    nameServers: Type.Array(Type.String(), {
      description: 'names of our nameservers, that zones edited here are delegated to',
      default: ['ns1.primary.twinzone.invalid', 'ns2.primary.twinzone.invalid'],
      minItems: 1,
    }),
  },
  closed,
)

/** How addresses are found that stand for the CNAME records at apexes, and for others if they are to be flattened. */
const Flattening = Type.Object(
  {
    ttlMin: seconds('addresses are looked up again after this time at the earliest', 30, { minimum: 1 }),
    ttlMax: seconds('addresses are looked up again after this time at the latest, and kept no longer', 3600, {
      minimum: 1,
    }),
    waitMs: Type.Integer({
      description: 'how long an edit waits for the addresses of a new target (milliseconds)',
      default: 2000,
      minimum: 0,
      maximum: 30_000,
    }),
  },
  closed,
)

/** How zones become active, and what becomes of those that do not. */
const Activation = Type.Object(
  {
    mode: Type.Union([Type.Literal('immediate'), Type.Literal('check')], {
      description: 'whether a zone is active once it is served, or once its parent delegates it to us',
      default: 'immediate',
    }),
    firstSeconds: seconds('time from the creation of a zone to its first check', 60, { minimum: 1 }),
    checkSecondsMax: seconds('longest time between two checks; it grows up to this', 86_400, { minimum: 1 }),
    movedChecks: count('checks in a row that fail before an active zone counts as moved', 3),
    pendingDays: count('days after which a pending zone is deleted; 0 for never', 0, 0),
    movedDays: count('days after which a moved zone is deleted; 0 for never', 0, 0),
  },
  closed,
)

/** How zones are edited that say nothing else. */
export const PRIMARY_DEFAULTS = Value.Default(Primary, {}) as Static<typeof Primary>

/** How HTTPS is spoken. */
const Tls = Type.Object(
  {
    certificate: Type.Optional(
      Type.String({ description: 'file with the certificate chain, as PEM; read again when it changes' }),
    ),
    key: Type.Optional(Type.String({ description: 'file with its private key, as PEM' })),
    names: Type.Array(Type.String(), {
      description: 'names and addresses that a certificate is made for, by an authority of our own, if none is given',
      default: ['localhost', '127.0.0.1', '::1'],
      minItems: 1,
    }),
  },
  closed,
)

/** What is kept of the past. */
const History = Type.Object(
  {
    differences: count('differences kept per zone', 100, 0),
    differenceDays: count('days a difference is kept', 7, 0),
    transfers: count('transfers kept per zone', 200),
    transferDays: count('days a transfer is kept', 30),
    auditDays: count('days a line of the audit log is kept', 365),
  },
  closed,
)

/** How often the HTTP API may be asked by one user, or with one token of an account. */
const RateLimit = Type.Object(
  {
    requests: count('requests of one user, or of one token of an account', 100_000),
    seconds: seconds('within this time', 300, { minimum: 1 }),
  },
  closed,
)

/** Which questions are counted by zone, name and type, and for how long. */
const Analytics = Type.Object(
  {
    samplesPerSecond: Type.Integer({
      description: 'questions that one thread counts one by one each second; of more it takes a sample; 0 counts none',
      default: 2000,
      minimum: 0,
      maximum: 20_000,
    }),
    minuteHours: count('hours that counts by the minute are kept, in memory', 6),
    hourDays: count('days that counts by the hour are kept, in the store', 31),
    coloName: Type.String({ description: 'what this server is called in reports', default: 'local' }),
    metricZones: count('zones with the most questions that /metrics has a series for', 20, 0),
  },
  closed,
)

export const Settings = Type.Object(
  {
    data: Type.String({ description: 'directory of everything that survives a restart', default: './data' }),
    dns: Type.Array(Type.String(), {
      description: 'address:port pairs to answer DNS on, UDP and TCP',
      default: ['127.0.0.1:5300', '[::1]:5300'],
      minItems: 1,
    }),
    http: Type.String({ description: 'address:port of the HTTP API', default: '127.0.0.1:8053' }),
    https: Type.Optional(Type.String({ description: 'address:port of the same API by HTTPS; none if absent' })),
    tls: Tls,
    httpTrustedProxies: Type.Array(Type.String(), {
      description: 'networks of HTTP proxies that are believed about where a request comes from (X-Forwarded-For)',
      default: [],
    }),
    rateLimit: RateLimit,
    authKeys: Type.Boolean({
      description: 'whether users may come with X-Auth-Email and X-Auth-Key, which have all their rights',
      default: false,
    }),
    log: Type.Union([Type.Literal('json'), Type.Literal('pretty')], {
      description: 'form of the log lines; by default pretty on a terminal, else json',
    }),
    logLevel: Type.Union(
      ['debug', 'info', 'warn', 'error'].map((level) => Type.Literal(level)),
      { description: 'least severe log lines that are written', default: 'info' },
    ),
    adminToken: Type.Optional(
      Type.String({ description: 'API token of the administrator; made at first start if absent', minLength: 20 }),
    ),
    sealKey: Type.Optional(
      Type.String({ description: 'base64 of the 32 octets that secrets in the store are sealed with' }),
    ),
    transferAllow: Type.Array(Type.String(), {
      description: 'networks that may transfer any zone out without a key, for monitoring and backup',
      default: [],
    }),
    nameServers: Type.Array(Type.String(), {
      description: 'names of our nameservers for secondary zones, shown to the owners of new ones',
      default: ['ns1.secondary.twinzone.invalid', 'ns2.secondary.twinzone.invalid'],
      minItems: 2,
    }),
    resolvers: Type.Array(Type.String(), {
      description: 'address:port pairs of resolvers; by default those of this machine',
      default: [],
    }),
    nameServerPort: Type.Integer({
      description: 'port at which nameservers of others are asked, for scans and about delegations',
      default: 53,
      minimum: 1,
      maximum: 65_535,
    }),
    threads: Type.Object(
      {
        answer: Type.Integer({
          description: 'threads that answer UDP; 0 for one per processor, 8 at most',
          default: 0,
          minimum: 0,
          maximum: 32,
        }),
      },
      closed,
    ),
    udp: Type.Union([Type.Literal('auto'), Type.Literal('batched'), Type.Literal('plain')], {
      description:
        'how UDP is answered: in batches by calls that Node.js has not, which is twice as fast; plain, by its own; or auto, in batches where that works. With plain no such call is made for zones that are handed on and for memory, either',
      default: 'auto',
    }),
    udpSizeMax: Type.Integer({
      description: 'largest UDP answer in octets (RFC 9715)',
      default: 1232,
      minimum: 512,
      maximum: 4096,
    }),
    tsigMd5: Type.Boolean({ description: 'allow TSIG keys with hmac-md5', default: false }),
    secondary: Secondary,
    primary: Primary,
    flattening: Flattening,
    activation: Activation,
    limits: Limits,
    history: History,
    analytics: Analytics,
  },
  { additionalProperties: false, title: 'twinzone configuration' },
)

export type Settings = Static<typeof Settings>
