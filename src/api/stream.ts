/** Answers as long as a zone: made piece by piece, as fast as the client reads, and never at the cost of other clients. */

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { Slices } from './slices.ts'

const PIECE_LENGTH = 64 * 1024

/** Sends the texts as one body, and returns when it has gone or nobody listens any more. */
export async function stream(reply: FastifyReply, type: string, texts: Iterable<string>): Promise<void> {
  const body = Readable.from(inPieces(texts), { objectMode: false })
  const closed = new Promise<void>((resolve) => body.once('close', resolve))
  void reply.type(type).send(body)
  await closed
}

async function* inPieces(texts: Iterable<string>): AsyncGenerator<string> {
  const slices = new Slices()
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length >= PIECE_LENGTH) {
      yield piece
      piece = ''
    }
    if (slices.isOver()) await slices.next()
  }
  if (piece !== '') yield piece
}
