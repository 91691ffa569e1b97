/** How a thread learns of memory that was added after it was started. */

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { ArenaView } from '../zone/arena-view.ts'
import type { ChunkNews } from './thread-messages.ts'

/**
 * Reads the announcements that wait on a port. A chunk is announced before anything in it is published, so a reader
 * that meets an unknown chunk finds its announcement waiting here.
 */
export function adoptChunksFrom(port: MessagePort): (index: number, arena: ArenaView) => void {
  port.unref()
  return (_index, arena) => {
    for (let news = receiveMessageOnPort(port); news !== undefined; news = receiveMessageOnPort(port)) {
      const { index, chunk } = news.message as ChunkNews
      arena.adopt(index, chunk)
    }
  }
}
