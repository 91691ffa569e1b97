/** What a page of the manual tells its reader to type. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runProgram, type Ended } from './process.ts'

/** The commands of the block that holds these words, with what stands for the reader's own things replaced. */
export function commands(holding: string, replaced: Readonly<Record<string, string>>, page = 'README.md'): string {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const blocks = [...text.matchAll(/```sh\n([^`]*)```/g)].map(([, block = '']) => block)
  let block = blocks.find((each) => each.includes(holding))
  if (block === undefined) throw new Error(`${page} has no block with "${holding}"`)
  for (const [theirs, ours] of Object.entries(replaced)) {
    if (!block.includes(theirs)) throw new Error(`${page} does not say "${theirs}" beside "${holding}"`)
    block = block.replaceAll(theirs, ours)
  }
  return block
}

/** Runs commands in a shell that stops at the first that fails. */
export const run = (script: string, environment: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> =>
  runProgram('bash', ['-euo', 'pipefail', '-c', script], { environment })
