/** The process of a primary of made zones; `made-primary.ts` starts it and speaks with it. */

import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { readLarge } from './made-large.ts'
import type { Order, Told } from './made-primary.ts'
import { madeApex, MadeZones, notifyMessage } from './made-zones.ts'

const TICK_MS = 10
const BACKLOG = 1024
/** A secondary that was told while it was busy may have to be told again. */
const TELL_AGAIN_TICKS = 500

let zones = new MadeZones({ count: 0 })
let largeApex = ''
/** Whether the next long answer is the last thing this process does. */
let dying = false

const udp = createSocket('udp4')
udp.on('message', (request, from) => {
  for (const answer of zones.answer(request)) udp.send(answer, from.port, from.address)
})

const tcp = createServer((socket) => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => {}) // whoever asked has gone
  socket.on('data', (octets: Buffer) => {
    rest = rest.length === 0 ? octets : Buffer.concat([rest, octets])
    while (rest.length > 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      const answers = zones.answer(rest.subarray(2, end))
      const framed = Buffer.concat(answers.flatMap((answer) => [lengthOf(answer), answer]))
      if (dying && answers.length > 1) socket.write(framed.subarray(0, framed.length >> 1), die)
      else socket.write(framed)
      rest = rest.subarray(end)
    }
  })
})

process.on('message', (order: Order) => {
  if (order.type === 'serve') serve(order)
  else if (order.type === 'die-sending') {
    dying = true
    tell({ type: 'dying' })
  } else if (order.type === 'advance') void advance(order)
  else void goOn(order)
})

// Nobody is left who would end it.
process.on('disconnect', () => process.exit())

function serve({ zones: count, refreshSeconds, serial, large, endpoint }: Extract<Order, { type: 'serve' }>): void {
  largeApex = large?.apex ?? ''
  const label = largeApex.slice(0, largeApex.indexOf('.'))
  const filed = large === undefined ? undefined : { label, fixed: readLarge(large.file, large.apex) }
  zones = new MadeZones({ count, refreshSeconds, serial, large: filed })
  tcp.listen(endpoint.port, endpoint.address, BACKLOG, () => {
    udp.bind(endpoint.port, endpoint.address, () => tell({ type: 'serving' }))
  })
}

/** Gives zones new versions, one after the other, at a rate, and tells the secondary of each. */
async function advance(order: Extract<Order, { type: 'advance' }>): Promise<void> {
  const { zones: among, secondary, perSecond, seconds } = order
  const before = zones.transfers
  const started = performance.now()
  let sent = 0
  for (;;) {
    const elapsed = (performance.now() - started) / 1000
    if (elapsed >= seconds) break
    for (; sent < elapsed * perSecond; sent++) {
      zones.advance(sent % among)
      udp.send(notifyMessage(madeApex(sent % among)), secondary.port, secondary.address)
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  tell({ type: 'advanced', notified: sent, fetched: zones.transfers - before })
}

/** Gives the large zone so many new versions; each comes when the one before was fetched. */
async function goOn({ versions, secondary }: Extract<Order, { type: 'go-on' }>): Promise<void> {
  const before = zones.transfers
  for (let version = 0; version < versions; version++) {
    const fetched = zones.transfers
    zones.advance('large')
    for (let waited = 0; zones.transfers === fetched; waited++) {
      if (waited % TELL_AGAIN_TICKS === 0) udp.send(notifyMessage(largeApex), secondary.port, secondary.address)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  tell({ type: 'advanced', notified: versions, fetched: zones.transfers - before })
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

function lengthOf(answer: Buffer): Buffer {
  return Buffer.from([answer.length >> 8, answer.length & 255])
}

function tell(told: Told): void {
  process.send?.(told)
}
