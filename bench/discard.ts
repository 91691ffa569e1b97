/**
 * A client that takes octets and never sees them: the kernel throws them away where they are (`MSG_TRUNC`, tcp(7)), so that
 * a sender is measured and not whoever copies what it sent.
 *
 * `node bench/discard.ts ADDRESS PORT CONNECTIONS OCTETS REQUEST`: sends the request, in hexadecimal, on each connection at
 * once, and waits until so many octets have come on each. Prints when it began and ended, in ms since 1970. Linux on x64 or arm64.
 */

import koffi from 'koffi'
import { socketAddress } from '../src/net/sockaddr.ts'

const AF_INET = 2
const SOCK_STREAM = 1
const MSG_DONTWAIT = 0x40
const MSG_TRUNC = 0x20
const POLLIN = 1
const POLL_WORDS = 2
const PATIENCE_MS = 60_000
const AT_ONCE_OCTETS = 2 ** 24
const EAGAIN = 11

const c = koffi.load(null)
const socket = c.func('int socket(int, int, int)') as (family: number, type: number, protocol: number) => number
const connect = c.func('int connect(int, void *, uint32_t)') as (fd: number, to: Uint8Array, octets: number) => number
const send = c.func('long send(int, void *, size_t, int)') as (
  fd: number,
  octets: Uint8Array,
  count: number,
  flags: number,
) => number
const recv = c.func('long recv(int, uintptr_t, size_t, int)') as (
  fd: number,
  to: number,
  count: number,
  flags: number,
) => number
const poll = c.func('int poll(void *, unsigned long, int)') as (
  entries: Int32Array,
  count: number,
  timeoutMs: number,
) => number

const [address, port, connections, octets, request] = process.argv.slice(2) as [string, string, string, string, string]
const now = () => performance.timeOrigin + performance.now()

discard()

function discard(): void {
  const to = socketAddress({ address, port: Number(port) })
  const message = Buffer.from(request, 'hex')
  const started = now()
  const waiting = new Map<number, number>()
  for (let left = Number(connections); left > 0; left--) {
    const fd = socket(AF_INET, SOCK_STREAM, 0)
    if (connect(fd, to, to.length) !== 0) throw failure('connect')
    if (send(fd, message, message.length, 0) !== message.length) throw failure('send')
    waiting.set(fd, Number(octets))
  }
  const entries = new Int32Array(POLL_WORDS * waiting.size)
  while (waiting.size > 0) {
    let count = 0
    for (const fd of waiting.keys()) entries.set([fd, POLLIN], POLL_WORDS * count++)
    if (poll(entries, count, PATIENCE_MS) <= 0) throw failure('poll')
    for (const [fd, left] of waiting) {
      const came = recv(fd, 0, AT_ONCE_OCTETS, MSG_TRUNC | MSG_DONTWAIT)
      if (came === 0) throw new Error(`a connection ended, and ${left} octets had not come`)
      if (came < 0 && koffi.errno() !== EAGAIN) throw failure('recv')
      if (came <= 0) continue
      if (came > left) throw new Error(`${came - left} octets more came than before`)
      if (came === left) waiting.delete(fd)
      else waiting.set(fd, left - came)
    }
  }
  process.stdout.write(`${started} ${now()}\n`)
}

function failure(call: string): Error {
  return new Error(`${call} failed with error ${koffi.errno()}`)
}
