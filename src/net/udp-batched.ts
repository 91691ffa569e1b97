/**
 * Answers by UDP in batches: whatever has come is taken from the kernel with one call, and answered with one more.
 *
 * The event loop of Node.js watches the sockets, so orders, timers and everything else go on as they do elsewhere: a
 * turn ends after some batches even if more has come. A wildcard needs one socket, which is told of each datagram at
 * which address it arrived.
 */

import { copyOctets } from '../dns/octets.ts'
import { isWildcard, type Endpoint } from './address.ts'
import { Batch, type ReturnAddress } from './batch.ts'
import { addressesFor, addressesOfHost } from './host-addresses.ts'
import type { Libc, Watch } from './libc.ts'
import { bindUdp, systemError } from './udp-socket.ts'
import { isAnswerable, RECEIVE_BUFFER_OCTETS, type UdpOptions, type UdpServer } from './udp.ts'

/** Batches that a turn may take before the event loop has its own: a millisecond or two of work. */
const BATCHES_PER_TURN = 8

/** Sockets of one thread, which share the memory of one batch. */
export class BatchedUdp {
  readonly #libc: Libc
  readonly #batch: Batch

  constructor(libc: Libc) {
    this.#libc = libc
    this.#batch = new Batch(libc)
  }

  /** Binds and answers. Rejects if the address cannot be bound. */
  async listen(options: UdpOptions): Promise<UdpServer> {
    const { endpoint, hostAddresses = addressesOfHost } = options
    const socket = new BatchedSocket(this.#libc, this.#batch, options)
    const { port } = socket
    return {
      get endpoints() {
        const wildcard = isWildcard(endpoint.address)
        const addresses = wildcard ? addressesFor(endpoint.address, hostAddresses()) : [endpoint.address]
        return addresses.map((address) => ({ address, port }))
      },
      rescan: () => Promise.resolve(),
      close: () => Promise.resolve(socket.close()),
    }
  }
}

class BatchedSocket {
  readonly port: number
  readonly #libc: Libc
  readonly #batch: Batch
  readonly #options: UdpOptions
  readonly #fd: number
  readonly #watch: Watch
  #open = true
  #watched = true

  constructor(libc: Libc, batch: Batch, options: UdpOptions) {
    const { reusePort = false, receiveBufferOctets = RECEIVE_BUFFER_OCTETS } = options
    const { fd, port } = bindUdp(libc, options.endpoint, { reusePort, receiveBufferOctets })
    this.#libc = libc
    this.#batch = batch
    this.#options = options
    this.#fd = fd
    this.port = port
    this.#watch = libc.watch(fd, this.#ready)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch.close()
    this.#libc.close(this.#fd)
  }

  /** The event loop says that something has come. Nothing may be thrown from here: nobody would catch it. */
  readonly #ready = (status: number): void => {
    if (!this.#open) return
    try {
      this.#watched = status >= 0 // after an error the loop watches no longer; what it was is told by the next call
      this.#turn()
    } catch (error) {
      this.#options.failed?.(error as Error)
    }
    if (this.#open && !this.#watched) this.#watch.start({ readable: true }, this.#ready)
  }

  #turn(): void {
    const batch = this.#batch
    const fd = this.#fd
    for (let batches = 0; batches < BATCHES_PER_TURN; batches++) {
      const count = batch.receive(fd)
      if (count < 0) this.#options.failed?.(systemError(-count, 'recvmmsg', this.#options.endpoint))
      if (count <= 0) return
      try {
        this.#answerAll(count)
      } finally {
        this.#options.counters.sendFailed += batch.flush(fd)
      }
      if (count < batch.size) return
      this.#lookAway()
    }
  }

  /**
   * While there is more and more to take, nobody needs to watch: the kernel would look up the watcher for every answer
   * that has left, which takes a tenth of the time of it all.
   */
  #lookAway(): void {
    if (!this.#watched) return
    this.#watched = false
    this.#watch.stop()
  }

  #answerAll(count: number): void {
    const around = this.#options.batch
    around?.begin()
    try {
      for (let slot = 0; slot < count; slot++) this.#answer(slot)
    } finally {
      around?.end()
    }
  }

  /** Hot: runs once per datagram. */
  #answer(slot: number): void {
    const batch = this.#batch
    const { answer, handOn, counters } = this.#options
    const request = batch.requests[slot] as Uint8Array
    const length = batch.lengthAt(slot)
    counters.received++
    counters.receivedOctets += length
    if (!isAnswerable(request, length, batch.portAt(slot))) {
      counters.ignored++
      return
    }
    const octets = answer(request, length, batch.askerAt(slot), batch.answers[slot] as Uint8Array)
    if (octets > 0) {
      counters.sent++
      counters.sentOctets += octets
      batch.queue(slot, octets)
    } else if (octets === 0 || handOn === undefined) counters.silent++
    else {
      counters.handedOn++
      this.#handOn(slot, length, octets)
    }
  }

  /** What takes longer is done in a turn of its own: promises are kept there, and no batch waits. */
  #handOn(slot: number, length: number, code: number): void {
    const batch = this.#batch
    const request = copyOctets(batch.requests[slot] as Uint8Array, 0, length)
    const client: Endpoint = batch.endpoint
    const to = batch.returnOf(slot)
    setImmediate(() => this.#options.handOn?.(request, client, (late) => this.#respond(late, to), code))
  }

  #respond(octets: Uint8Array, to: ReturnAddress): void {
    if (!this.#open) return
    const { counters } = this.#options
    counters.sent++
    counters.sentOctets += octets.length
    if (!this.#batch.send(this.#fd, octets, to)) counters.sendFailed++
  }
}
