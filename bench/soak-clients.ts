/** Clients of a soak that are not polite, and those that only ask. */

import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { frameOf } from '../src/net/framing.ts'
import { questionMessage } from '../test/interop/ask.ts'
import type { Endpoint } from '../test/interop/endpoint.ts'
import { notifyMessage } from './made-zones.ts'

const AXFR = 252
const A = 1

/** Sends NOTIFY of zones, as their primary does. */
export async function tellOf(apexes: readonly string[], secondary: Endpoint): Promise<void> {
  if (apexes.length === 0) return
  const socket = createSocket('udp4')
  const sent = apexes.map(
    (apex) =>
      new Promise((resolve) => {
        socket.send(notifyMessage(apex), secondary.port, secondary.address, resolve)
      }),
  )
  await Promise.all(sent)
  socket.close()
}

/** Where a connection is broken off: half a question was sent, a whole one, or some of a transfer has come. */
export type BrokenAt = 'half a question' | 'a question' | 'a transfer'

/** Connects, asks, and goes away without a word; resolves when it has. */
export async function breakOff(server: Endpoint, apex: string, at: BrokenAt): Promise<void> {
  const message = questionMessage({ name: apex, type: at === 'a transfer' ? AXFR : A })
  const framed = frameOf(message)
  const socket = connect({ host: server.address, port: server.port })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  try {
    await once(socket, 'connect')
    socket.write(at === 'half a question' ? framed.subarray(0, framed.length >> 1) : framed)
    if (at === 'a transfer') await once(socket, 'data')
    // A reset and an end are different ways to go.
    if (Math.random() < 0.5) socket.resetAndDestroy()
    else socket.destroy()
  } finally {
    socket.destroy()
    await closed
  }
}

/** What came of questions. */
export interface Asked {
  readonly answered: number
  readonly lost: number
}

/** Asks all questions of a file once, by dnsperf; throws if an answer has an RCODE that none should have. */
export async function askAll(
  { address, port }: Endpoint,
  { file, tcp, perSecond }: { readonly file: string; readonly tcp: boolean; readonly perSecond: number },
): Promise<Asked> {
  const load = ['-c', '8', '-T', '1', '-q', '100', '-t', '2', '-n', '1', '-Q', String(perSecond)]
  const args = ['-s', address, '-p', String(port), '-d', file, '-m', tcp ? 'tcp' : 'udp', ...load]
  const child = spawn('nice', ['-n', '10', 'dnsperf', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => (text = (text + piece).slice(-10_000)))
  await once(child, 'close')
  const numberOf = (what: string): number => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(text)?.[1])
  const [answered, lost] = [numberOf('Queries completed'), numberOf('Queries lost')]
  if (Number.isNaN(answered) || /SERVFAIL|REFUSED|NOTIMP|FORMERR/.test(text))
    throw new Error(`dnsperf: ${text.slice(-1000)}`)
  return { answered, lost }
}
