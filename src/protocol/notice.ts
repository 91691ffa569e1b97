/**
 * What the refresh machine has to say, above all when it decides not to act: the closed list.
 *
 * Each row has a level for the log and a sentence with the facts in braces.
 */

import { fillFacts } from './reason.ts'
import type { PrimaryId } from './refresh-state.ts'

interface NoticeRow {
  readonly level: 'debug' | 'info' | 'warn'
  readonly sentence: string
}

const NOTICE_ROWS = {
  'round-ended': {
    level: 'debug',
    sentence: '{answered} of {primaries} primaries answered; next check in {seconds} s',
  },
  'round-failed': {
    level: 'warn',
    sentence: 'not known to be current: {answered} of {primaries} primaries answered; next try in {seconds} s',
  },
  'no-primaries': { level: 'info', sentence: 'no primaries are configured: the zone keeps what it has' },
  'primary-failed': { level: 'warn', sentence: '{sentence}' },
  'falling-back': { level: 'info', sentence: 'full transfer instead of the incremental one: {sentence}' },
  'retrying-by-tcp': { level: 'debug', sentence: 'the incremental transfer goes on by TCP' },
  'axfr-only': { level: 'info', sentence: 'IXFR seems unsupported; full transfers for {seconds} s' },
  'primary-behind': { level: 'info', sentence: 'it has serial {theirs}, and we have {ours}: nothing to fetch' },
  'serial-undefined': {
    level: 'warn',
    sentence: 'its serial {theirs} has no order to ours, {ours} (RFC 1982 §3.2): nothing to fetch',
  },
  'following-back': { level: 'warn', sentence: 'taking serial {theirs} although we have {ours}' },
  'content-held': {
    level: 'info',
    sentence: 'serial {serial} was refused before and is not fetched again for {seconds} s',
  },
  'unreachable-held': { level: 'debug', sentence: 'was unreachable and is not tried by TCP for {seconds} s' },
  'notify-not-newer': { level: 'debug', sentence: 'NOTIFY with serial {hint}, and we have {ours}: nothing to do' },
  'notify-remembered': { level: 'debug', sentence: 'NOTIFY during a check: one more will follow' },
  'notify-spaced': { level: 'info', sentence: 'NOTIFYs have brought nothing new; the next check is in {seconds} s' },
  'notify-overtaken': { level: 'debug', sentence: 'the remembered NOTIFY announced what we have by now' },
  'hint-retry': {
    level: 'info',
    sentence: 'NOTIFY announced serial {hint}, and no primary has it; one more check in {seconds} s',
  },
  'hint-given-up': { level: 'info', sentence: 'NOTIFY announced serial {hint}, and no primary has it: given up' },
  'force-remembered': { level: 'info', sentence: 'a check is running; the forced one follows' },
  'serving-expired': { level: 'warn', sentence: 'EXPIRE has passed; the zone is served on, as configured' },
  'late-answer': { level: 'debug', sentence: 'an answer to a question given up ({event})' },
  'nothing-changed': { level: 'debug', sentence: 'configured as before' },
  'clock-went-back': { level: 'warn', sentence: 'the clock went back {seconds} s; all timers went with it' },
} as const satisfies Record<string, NoticeRow>

export type NoticeCode = keyof typeof NOTICE_ROWS

type FactNames<Sentence> = Sentence extends `${string}{${infer Fact}}${infer Rest}` ? Fact | FactNames<Rest> : never

type NoticeFacts<Code extends NoticeCode> = Readonly<
  Record<FactNames<(typeof NOTICE_ROWS)[Code]['sentence']>, string | number>
>

/** One thing said: its code, the facts for its sentence, and which primary it is about. */
export interface Notice {
  readonly code: NoticeCode
  readonly primary: PrimaryId | undefined
  readonly facts: Readonly<Record<string, string | number>>
}

/** Makes a notice; the compiler checks that every fact of the sentence is given. */
export function notice<Code extends NoticeCode>(code: Code, facts: NoticeFacts<Code>, primary?: PrimaryId): Notice {
  return { code, primary, facts }
}

/** The notice as a sentence for the log. */
export function noticeSentence(said: Notice): string {
  return fillFacts(NOTICE_ROWS[said.code].sentence, said.facts)
}

/** How loud a notice is. */
export function noticeLevel(code: NoticeCode): 'debug' | 'info' | 'warn' {
  return NOTICE_ROWS[code].level
}
