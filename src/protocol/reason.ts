/**
 * Why a check or a transfer failed: the closed list.
 *
 * Each row is a code that metrics and the API may rely on, a sentence with the facts for the log, and a sentence that
 * tells the operator what to do. The kind is what the refresh machine goes by. Facts stand in braces in the sentence,
 * and the compiler asks for exactly those.
 */

import { REASON_ROWS, type ReasonKind } from './reason-rows.ts'

export type ReasonCode = keyof typeof REASON_ROWS

type FactNames<Sentence> = Sentence extends `${string}{${infer Fact}}${infer Rest}` ? Fact | FactNames<Rest> : never

/** The facts that the sentence of a code speaks of. */
export type FactsOf<Code extends ReasonCode> = Readonly<
  Record<FactNames<(typeof REASON_ROWS)[Code]['sentence']>, string | number>
>

/** A failure: its code, and the facts for its sentence. Plain data, so that it can be stored and sent. */
export interface Reason {
  readonly code: ReasonCode
  readonly facts: Readonly<Record<string, string | number>>
}

/** Makes a reason; the compiler checks that every fact of the sentence is given. */
export function reason<Code extends ReasonCode>(code: Code, facts: FactsOf<Code>): Reason {
  return { code, facts }
}

/** What a failure means for the round; see ReasonKind. */
export function kindOf(failed: Reason): ReasonKind {
  return REASON_ROWS[failed.code].kind
}

/** The failure as a sentence for logs and for the API, with its facts. */
export function sentenceOf(failed: Reason): string {
  return fillFacts(REASON_ROWS[failed.code].sentence, failed.facts)
}

/** What the operator can do about it. */
export function mendOf(code: ReasonCode): string {
  return REASON_ROWS[code].mend
}

/** Puts facts into the braces of a sentence. */
export function fillFacts(sentence: string, facts: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, fact: string) => String(facts[fact] ?? '?'))
}
