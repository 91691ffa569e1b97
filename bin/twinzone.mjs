#!/usr/bin/env node
/** The command: brings itself up to date, then runs `src/main.ts` under a Node.js that is new enough. */

import { join } from 'node:path'
import { ensureInstalled, findNode, root, run } from '../scripts/runtime.mjs'

ensureInstalled({ dev: false })
process.exitCode = await run(findNode(), [
  '--disable-warning=ExperimentalWarning',
  join(root, 'src', 'main.ts'),
  ...process.argv.slice(2),
])
