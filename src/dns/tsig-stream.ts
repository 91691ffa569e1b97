/**
 * Verifying the messages of a transfer as they come (RFC 8945 §5.3.1).
 *
 * The first message is signed like any answer. Each later MAC covers the MAC before it, all messages since, and the
 * time: so none can be changed, dropped, repeated or put elsewhere. A sender may leave up to 99 messages in a row
 * unsigned, but never the first nor the last. What an unsigned message said is not proven until a signed one follows.
 */

import { printName, sameName } from './name.ts'
import { copyOctets } from './octets.ts'
import type { Hmac, TsigKey } from './tsig.ts'
import { withoutTsig } from './tsig.ts'
import { precedingMac, tsigTimers } from './tsig-digest.ts'
import { judge, keyFor, tsigIn, verify } from './tsig-verify.ts'
import type { TsigRefusal, TsigVerified } from './tsig-verify.ts'

/** How many messages in a row may be unsigned. */
export const UNSIGNED_MESSAGES_MAX = 99

/** A message without signature, which a later one has to cover. */
interface TsigPending {
  readonly type: 'pending'
  readonly octets: Uint8Array
}

export type TsigStreamVerdict = TsigVerified | TsigPending | TsigRefusal

/** How a transfer whose last message has come stands. */
export type TsigEnd = { readonly type: 'complete' } | TsigRefusal

/** The receiver's side of a signed transfer. After one refusal it says nothing else. */
export class TsigVerifier {
  readonly #key: TsigKey
  readonly #hmac: Hmac
  readonly #fudgeSecondsMax: number
  #mac: Uint8Array
  #first = true
  #unsigned: Uint8Array[] = []
  #refusal: TsigRefusal | undefined

  constructor(key: TsigKey, options: { hmac: Hmac; requestMac: Uint8Array; fudgeSecondsMax?: number }) {
    this.#key = key
    this.#hmac = options.hmac
    this.#mac = options.requestMac
    this.#fudgeSecondsMax = options.fudgeSecondsMax ?? Infinity
  }

  /** Takes the next message. `now` is in milliseconds. */
  accept(message: Uint8Array, now: number): TsigStreamVerdict {
    if (this.#refusal !== undefined) return this.#refusal
    const verdict = this.#first ? this.#acceptFirst(message, now) : this.#acceptLater(message, now)
    if (verdict.type === 'refused') {
      this.#refusal = verdict
      this.#unsigned = []
    }
    return verdict
  }

  /** Says whether the transfer may end here: its last message must have been signed. */
  finish(): TsigEnd {
    if (this.#refusal !== undefined) return this.#refusal
    if (this.#first) return unsigned('unsigned first message', 'no message has come')
    if (this.#unsigned.length === 0) return { type: 'complete' }
    const count = this.#unsigned.length
    const detail = count === 1 ? 'the last message is not signed' : `the last ${count} messages are not signed`
    return unsigned('unsigned last message', detail)
  }

  #acceptFirst(message: Uint8Array, now: number): TsigStreamVerdict {
    const verdict = verify(message, {
      keys: (name) => (sameName(name, this.#key.name) ? this.#key : undefined),
      hmac: this.#hmac,
      now,
      requestMac: this.#mac,
      fudgeSecondsMax: this.#fudgeSecondsMax,
    })
    if (verdict.type === 'unsigned') return unsigned('unsigned first message', 'the first message is not signed')
    if (verdict.type === 'verified') this.#verifiedWith(verdict.mac)
    return verdict
  }

  #acceptLater(message: Uint8Array, now: number): TsigStreamVerdict {
    const tsig = tsigIn(message)
    if (tsig === undefined) return this.#keep(message)
    if ('type' in tsig) return tsig
    const keys = (): TsigKey | undefined => (sameName(tsig.keyName, this.#key.name) ? this.#key : undefined)
    const key = keyFor(tsig, { keys, requestMac: this.#mac })
    if ('type' in key) return key
    const octets = withoutTsig(message, tsig)
    const parts = [precedingMac(this.#mac), ...this.#unsigned, octets, tsigTimers(tsig)]
    const verdict = judge(
      { tsig, key, octets, parts },
      { hmac: this.#hmac, now, fudgeSecondsMax: this.#fudgeSecondsMax },
    )
    if (verdict.type === 'verified') this.#verifiedWith(verdict.mac)
    return verdict
  }

  /** Keeps a copy: the message is read from a buffer that the next one will overwrite. */
  #keep(message: Uint8Array): TsigStreamVerdict {
    if (this.#unsigned.length === UNSIGNED_MESSAGES_MAX) {
      const detail = `${UNSIGNED_MESSAGES_MAX + 1} messages in a row are not signed by ${printName(this.#key.name)}`
      return unsigned('too many unsigned messages', detail)
    }
    this.#unsigned.push(copyOctets(message))
    return { type: 'pending', octets: message }
  }

  #verifiedWith(mac: Uint8Array): void {
    this.#mac = mac
    this.#first = false
    this.#unsigned = []
  }
}

function unsigned(
  reason: 'unsigned first message' | 'unsigned last message' | 'too many unsigned messages',
  detail: string,
): TsigRefusal {
  return { type: 'refused', error: 'BADSIG', reason, detail }
}
