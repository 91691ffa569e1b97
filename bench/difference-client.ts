/** Asks for what has changed since a serial, and reads the answer to its end. */

import { connect } from 'node:net'
import { afterName, nameOctets } from '../test/interop/ask.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'

const HEADER_OCTETS = 12
const SOA = 6
const IXFR = 251

/** What came: the form, its records, and seconds since the connection was asked for. */
export interface PulledChanges {
  readonly form: 'IXFR' | 'AXFR' | 'SOA'
  readonly records: number
  readonly octets: number
  readonly seconds: number
}

/**
 * Reads an answer to IXFR, message by message. It is over with the second SOA record of the new serial where it holds the
 * whole zone, and with the third where it holds differences (RFC 1995 §4).
 */
export class DifferenceReader {
  records = 0
  ended = false
  form: PulledChanges['form'] = 'SOA'
  readonly #since: number
  #serial = 0
  #seen = 0

  constructor(since: number) {
    this.#since = since
  }

  /** Takes in one message, without its length. */
  read(message: Buffer): void {
    const rcode = (message[3] as number) & 15
    if (rcode !== 0) throw new Error(`IXFR was answered with RCODE ${rcode}`)
    let at = HEADER_OCTETS
    for (let left = message.readUInt16BE(4); left > 0; left--) at = afterName(message, at) + 4
    for (let left = message.readUInt16BE(6); left > 0; left--) {
      const head = afterName(message, at)
      const end = head + 10 + message.readUInt16BE(head + 8)
      this.#record(message.readUInt16BE(head), message.readUInt32BE(end - 20))
      at = end
    }
    if (this.records === 1 && this.#serial === this.#since) this.ended = true
  }

  #record(type: number, numbers: number): void {
    this.records++
    if (this.records === 1) this.#serial = numbers
    if (this.records === 2) this.form = type === SOA ? 'IXFR' : 'AXFR'
    if (type !== SOA || numbers !== this.#serial) return
    this.#seen++
    if (this.#seen === (this.form === 'IXFR' ? 3 : 2)) this.ended = true
  }
}

/** Asks by TCP. Rejects if the answer breaks off. */
export function pullChanges(server: Endpoint, apex: string, since: number): Promise<PulledChanges> {
  const started = performance.now()
  const reader = new DifferenceReader(since)
  let [rest, octets] = [Buffer.alloc(0), 0]
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port, noDelay: true })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`the answer to IXFR broke off after ${reader.records} records`)))
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      octets += chunk.length
      while (!reader.ended && rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0)
        reader.read(rest.subarray(2, end))
        rest = rest.subarray(end)
      }
      if (!reader.ended) return
      const { form, records } = reader
      resolve({ form, records, octets, seconds: (performance.now() - started) / 1000 })
      socket.destroy()
    })
    socket.write(request(apex, since))
  })
}

function request(apex: string, since: number): Buffer {
  const name = nameOctets(apex)
  const length = 2 + HEADER_OCTETS + name.length + 4 + 34
  const message = Buffer.alloc(length)
  message.writeUInt16BE(length - 2, 0)
  message.writeUInt16BE(1 + Math.floor(Math.random() * 0xfffe), 2)
  message.writeUInt16BE(1, 6)
  message.writeUInt16BE(1, 10)
  name.copy(message, 14)
  let at = 14 + name.length
  message.writeUInt16BE(IXFR, at)
  message.writeUInt16BE(1, at + 2)
  // The SOA record we have: only its serial counts, the names are the root.
  at += 4
  message.writeUInt16BE(0xc00c, at)
  message.writeUInt16BE(SOA, at + 2)
  message.writeUInt16BE(1, at + 4)
  message.writeUInt16BE(22, at + 10)
  message.writeUInt32BE(since, at + 14)
  return message
}
