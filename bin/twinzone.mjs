#!/usr/bin/env node
/** The command: brings itself up to date, then runs `src/main.ts` under a Node.js that is new enough. */

import { join } from 'node:path'
import { ensureInstalled, findNode, root, run } from '../scripts/runtime.mjs'

ensureInstalled({ dev: false })
const program = ['--disable-warning=ExperimentalWarning', join(root, 'src', 'main.ts'), ...process.argv.slice(2)]
// Each thread loads the same sources: compiled once, they are there at once.
const cache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'twinzone')
process.exitCode = await run(findNode(), program, { NODE_COMPILE_CACHE: cache })
