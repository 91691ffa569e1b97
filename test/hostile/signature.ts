/**
 * TSIG as a primary makes it (RFC 8945), every part of which can be made wrong.
 *
 * It is written once more, apart from the server's own, so that the two check each other.
 */

import { createHmac } from 'node:crypto'
import { nameOctets } from '../interop/ask.ts'
import type { TransferKey } from '../interop/peers/kind.ts'
import { TYPE, u16 } from './message.ts'

/** What about a signature is to be other than right. */
export interface Flaws {
  /** How far ahead the signer's clock is. */
  readonly aheadSeconds?: number
  readonly fudgeSeconds?: number
  /** Goes into the record instead of the algorithm's name, as octets. */
  readonly algorithmName?: Uint8Array
  readonly keyName?: Uint8Array
  /** Turns the right MAC into another one. */
  readonly mac?: (mac: Buffer) => Buffer
  /** Written as the MAC's length whatever its length is. */
  readonly macLength?: number
  readonly error?: number
  readonly other?: Uint8Array
  readonly dnsClass?: number
  readonly ttl?: number
}

/** What a signature has to do with the messages before it. */
interface Context {
  /** The MAC of the request, or of the message signed before this one; empty for a request. */
  readonly priorMac: Uint8Array
  /** True from the second message of a transfer on: then only the timers are digested (RFC 8945 §5.3.1). */
  readonly timersOnly: boolean
  /** Messages since then that were sent unsigned. */
  readonly unsigned: readonly Uint8Array[]
}

/** Signs the messages of one connection, as they are sent. */
export class Signature {
  readonly #key: TransferKey
  #priorMac: Uint8Array
  #timersOnly = false
  #unsigned: Uint8Array[] = []

  constructor(key: TransferKey, requestMac: Uint8Array = Buffer.alloc(0)) {
    this.#key = key
    this.#priorMac = requestMac
  }

  /** The message with a TSIG record at its end. */
  sign(message: Buffer, flaws: Flaws = {}): Buffer {
    const context = { priorMac: this.#priorMac, timersOnly: this.#timersOnly, unsigned: this.#unsigned }
    const { octets, mac } = signedMessage(message, this.#key, context, flaws)
    this.#priorMac = mac
    this.#timersOnly = true
    this.#unsigned = []
    return octets
  }

  /** The message as it is; the next signature covers it too. */
  skip(message: Buffer): Buffer {
    this.#unsigned.push(message)
    return message
  }
}

function signedMessage(
  message: Buffer,
  key: TransferKey,
  context: Context,
  flaws: Flaws,
): { octets: Buffer; mac: Buffer } {
  const seconds = Math.floor(Date.now() / 1000) + (flaws.aheadSeconds ?? 0)
  const timers = Buffer.alloc(8)
  timers.writeUIntBE(seconds, 0, 6)
  timers.writeUInt16BE(flaws.fudgeSeconds ?? 300, 6)
  const keyName = nameOctets(`${key.name}.`)
  const algorithm = nameOctets(`${key.algorithm}.`)
  const error = u16(flaws.error ?? 0)
  const other = Buffer.from(flaws.other ?? [])
  const end = Buffer.concat([error, u16(other.length), other])
  const variables = context.timersOnly
    ? timers
    : Buffer.concat([keyName, u16(255), Buffer.alloc(4), algorithm, timers, end])
  const prior =
    context.priorMac.length === 0 ? Buffer.alloc(0) : Buffer.concat([u16(context.priorMac.length), context.priorMac])
  const digest = createHmac(key.algorithm.replace('hmac-', ''), Buffer.from(key.secret, 'base64'))
  const right = digest.update(Buffer.concat([prior, ...context.unsigned, message, variables])).digest()
  const mac = flaws.mac?.(right) ?? right
  const rdata = Buffer.concat([
    flaws.algorithmName ?? algorithm,
    timers,
    u16(flaws.macLength ?? mac.length),
    mac,
    message.subarray(0, 2),
    end,
  ])
  const fixed = Buffer.concat([u16(TYPE.TSIG), u16(flaws.dnsClass ?? 255), Buffer.alloc(4), u16(rdata.length)])
  fixed.writeUInt32BE(flaws.ttl ?? 0, 4)
  const octets = Buffer.concat([message, flaws.keyName ?? keyName, fixed, rdata])
  octets.writeUInt16BE(message.readUInt16BE(10) + 1, 10)
  return { octets, mac: right }
}
