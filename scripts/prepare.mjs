/** What the command needs before it can run: installs what is missing, and prints the path of a Node.js to run it with. */

import { ensureInstalled, findNode } from './runtime.mjs'

ensureInstalled({ dev: false })
process.stdout.write(`${findNode()}\n`)
