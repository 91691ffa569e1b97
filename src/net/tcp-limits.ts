/** What clients by TCP may cost us, and what they did (RFC 7766 §6.2, §7). */

/** Limits of one server; each breach is counted. */
export interface TcpLimits {
  readonly connectionsMax: number
  /** Connections of one client: an IPv4 address, or an IPv6 /64. */
  readonly connectionsPerClientMax: number
  /** How long a connection may rest between questions; less as the connections run out. */
  readonly idleMs: number
  /** How long a client may take no octet of what we have for it. */
  readonly stallMs: number
  /** How long whoever answers later may take. */
  readonly answerMs: number
  /** Octets of answers on one connection that wait to be read; above it no more questions are taken. */
  readonly unreadOctetsMax: number
  /** The same of all connections; above it each has one turn at a time. */
  readonly unreadOctetsTotalMax: number
  /** Questions on one connection that others answer. */
  readonly inFlightMax: number
}

export const TCP_LIMITS: TcpLimits = {
  connectionsMax: 1000,
  connectionsPerClientMax: 150,
  idleMs: 10_000,
  stallMs: 30_000,
  answerMs: 30_000,
  unreadOctetsMax: 1024 * 1024,
  unreadOctetsTotalMax: 256 * 1024 * 1024,
  inFlightMax: 1000,
}

/** What happened, as plain numbers. Those of the first group go down again, to zero. */
export interface TcpCounters {
  open: number
  inFlight: number
  unreadOctets: number

  accepted: number
  received: number
  receivedOctets: number
  sent: number
  sentOctets: number
  /** Turned away: as many as may be were open and busy, in all or of this client. */
  refused: number
  /** Closed at rest, so that another could come. */
  evicted: number
  /** Closed after too long a rest. */
  idle: number
  /** Closed because nothing was read. */
  stalled: number
  /** Closed because nobody had an answer in time. */
  unanswered: number
  /** Closed because the stream could not be read. */
  malformed: number
}

/** Counters that begin at zero. */
export function newTcpCounters(): TcpCounters {
  const standing = { open: 0, inFlight: 0, unreadOctets: 0 }
  const traffic = { accepted: 0, received: 0, receivedOctets: 0, sent: 0, sentOctets: 0 }
  const closed = { refused: 0, evicted: 0, idle: 0, stalled: 0, unanswered: 0, malformed: 0 }
  return { ...standing, ...traffic, ...closed }
}

/** Half of the connections are free of hurry; with the other half the time to rest runs out, down to a second. */
export function idleMsUnderLoad({ idleMs, connectionsMax }: TcpLimits, open: number): number {
  const free = Math.max(0, 1 - open / connectionsMax)
  return free >= 0.5 ? idleMs : Math.max(Math.min(1000, idleMs), idleMs * 2 * free)
}
