/** A client by TCP that reads when the test wants it to, and asks whatever it likes meanwhile. */

import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { OPTION, readExtendedError } from '../../src/dns/edns.ts'
import { readMessage } from '../../src/dns/message.ts'
import type { Message } from '../../src/dns/message.ts'
import { framed } from '../hostile/tcp.ts'
import type { Endpoint } from '../interop/endpoint.ts'

const PATIENCE_MS = 20_000

/**
 * Node cannot make a socket's receive buffer small, and the kernel lets it grow to tens of megabytes. This relay to
 * standard input and output can: behind it, a reader that stops stops the sender at once.
 */
const NARROW_RELAY = `
use Socket;
my ($from, $address, $port) = @ARGV;
socket(S, PF_INET, SOCK_STREAM, 0) or die;
setsockopt(S, SOL_SOCKET, SO_RCVBUF, pack("l", 16384)) or die;
bind(S, sockaddr_in(0, inet_aton($from))) or die;
connect(S, sockaddr_in($port, inet_aton($address))) or die;
if (!fork) { while (sysread(STDIN, my $in, 65536)) { syswrite(S, $in) } exit }
while (sysread(S, my $out, 16384)) { syswrite(STDOUT, $out) or last }
`

interface Ways {
  readonly incoming: Readable
  readonly outgoing: Writable
  readonly end: () => void
}

export class DnsStream {
  readonly messages: Message[] = []
  closed = false
  readonly #ways: Ways
  #rest: Buffer = Buffer.alloc(0)
  #changed: () => void = () => {}

  private constructor(ways: Ways) {
    this.#ways = ways
    ways.incoming.on('data', (piece: Buffer) => this.#take(piece))
    ways.incoming.on('error', () => {})
    ways.outgoing.on('error', () => {})
    ways.incoming.on('close', () => {
      this.closed = true
      this.#changed()
    })
  }

  static open({ address, port }: Endpoint, { from }: { from?: string } = {}): Promise<DnsStream> {
    return new Promise((resolve, reject) => {
      const place = { host: address, port, ...(from === undefined ? {} : { localAddress: from }) }
      const socket = connect(place, () => {
        resolve(new DnsStream({ incoming: socket, outgoing: socket, end: () => socket.destroy() }))
      })
      socket.once('error', reject)
    })
  }

  /** One whose buffers hold next to nothing. */
  static openNarrow({ address, port }: Endpoint, { from = '127.0.0.1' }: { from?: string } = {}): DnsStream {
    const args = ['-e', NARROW_RELAY, from, address, String(port)]
    const relay = spawn('perl', args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    const end = (): void => {
      relay.stdout.destroy()
      try {
        if (relay.pid !== undefined) process.kill(-relay.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    relay.on('exit', end)
    return new DnsStream({ incoming: relay.stdout, outgoing: relay.stdin, end })
  }

  /** Sends messages in one write. */
  send(...messages: readonly Uint8Array[]): void {
    this.sendOctets(Buffer.concat(messages.map(framed)))
  }

  sendOctets(octets: Uint8Array): void {
    this.#ways.outgoing.write(octets)
  }

  /** Reads no more; what comes waits in buffers, until they are full. */
  pause(): void {
    this.#ways.incoming.pause()
  }

  resume(): void {
    this.#ways.incoming.resume()
  }

  end(): void {
    this.#ways.end()
  }

  /** Waits until something holds of what has come. */
  until(what: string, holds: (stream: DnsStream) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new Error(`waited in vain for ${what}; ${this.messages.length} messages came, closed: ${this.closed}`))
      }, PATIENCE_MS)
      const look = (): void => {
        if (!holds(this)) return
        clearTimeout(patience)
        this.#changed = () => {}
        resolve()
      }
      this.#changed = look
      look()
    })
  }

  #take(piece: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, piece])
    while (this.#rest.length >= 2 && this.#rest.length >= 2 + this.#rest.readUInt16BE(0)) {
      const end = 2 + this.#rest.readUInt16BE(0)
      this.messages.push(readMessage(this.#rest.subarray(2, end)))
      this.#rest = this.#rest.subarray(end)
    }
    this.#changed()
  }
}

/** The codes of the Extended DNS Errors in a message (RFC 8914). */
export function extendedErrorsIn({ edns }: Pick<Message, 'edns'>): number[] {
  return (edns?.options ?? []).flatMap(({ code, octets }) =>
    code === OPTION.EDE ? [readExtendedError(octets)?.code ?? -1] : [],
  )
}
