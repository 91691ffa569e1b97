/**
 * Makes one thread of a process die: start it with `NODE_OPTIONS=--import=…/thread-death.ts` and
 * `TWINZONE_TEST_DEATH=contents` (at its start) or `contents:file` (as soon as there is such a file).
 */

import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { threadName } from 'node:worker_threads'

const [name, file] = (process.env['TWINZONE_TEST_DEATH'] ?? '').split(':')

function die(): never {
  throw new Error('this thread was told to die')
}

if (name !== '' && threadName === name) {
  if (file === undefined) die()
  watch(dirname(file), (_, changed) => {
    if (changed === basename(file)) die()
  }).unref()
}
