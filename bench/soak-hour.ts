/** What an hour of a busy operator's nameserver is made of; the soak gives the server so many of each, as fast as they go. */

/** How many zones there are, and how large. */
export const SHAPE = {
  /** Followed from a primary of others. */
  smallZones: 200,
  largeRecords: 100_000,
  /** Edited by the API of one twinzone, followed by the other. */
  editedZones: 20,
} as const

/** Events of one hour, by what they are. */
export const HOUR = {
  /**
   * 200 a minute: IXFRs to the first after NOTIFY, of made and of edited zones. There are more NOTIFYs and versions than
   * that: who is busy fetches some at once.
   */
  differencesIn: 12_000,
  /** One a minute, each fetched by itself; they go on to the second twinzone, signed. */
  largeDifferencesIn: 60,
  /** The whole large zone, ordered by the API. */
  largeTransfersIn: 4,
  /** The primary is killed in the middle of a transfer of the large zone and started anew, with newer versions of all zones. */
  primaryRestarts: 1,
  /** 60 a minute: records added, changed and removed, a third each, so that no zone grows. */
  edits: 3600,
  /** Zones that are added, handed on, answered by the secondary, and deleted from both. */
  zonesComeAndGo: 60,
  /** The whole large zone, handed out: a third of them signed. */
  largeTransfersOut: 30,
  /** The same, where whoever asked goes away in the middle. */
  transfersOutBrokenOff: 30,
  /** Connections by TCP that end after half a question, or before its answer. */
  connectionsBrokenOff: 600,
  /** Questions to each of the two: 28 a second; four of five hit. More are asked for as long as the rest takes. */
  questionsByUdp: 100_000,
  /** Questions to the first, by connections that are kept. */
  questionsByTcp: 20_000,
} as const

export type EventKind = keyof typeof HOUR

/** How often each thing happened. */
export type Tally = Record<EventKind, number>

export function newTally(): Tally {
  return Object.fromEntries(Object.keys(HOUR).map((kind) => [kind, 0])) as Tally
}

/** What so many hours, or such a part of one, are made of. */
export function worthOf(hours: number): Tally {
  return Object.fromEntries(Object.entries(HOUR).map(([kind, count]) => [kind, Math.ceil(count * hours)])) as Tally
}

/** Which kinds there was too little of. */
export function missingFrom(tally: Tally, worth: Tally): EventKind[] {
  return (Object.keys(HOUR) as EventKind[]).filter((kind) => tally[kind] < worth[kind])
}
