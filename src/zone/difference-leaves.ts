/** The leaves that one version of a zone has and another has not: all that can differ between them. */

import { type ArenaView, offsetOf, type Pointer } from './arena-view.ts'
import type { Contents } from './contents.ts'
import { childAt, childCount } from './page.ts'
import { TREE } from './stored-record.ts'

/** The leaves of two versions that only one of them has, in the order of contents; ids follow from edited records. */
export function unsharedLeaves(before: Contents, after: Contents): { before: Pointer[]; after: Pointer[] } {
  const trees = [TREE.names, TREE.hashes, TREE.edited].map((tree) =>
    unsharedOfTrees(before, after, 2 * tree, 2 * tree + 1),
  )
  return { before: trees.flatMap((tree) => tree.before), after: trees.flatMap((tree) => tree.after) }
}

/** Goes down both trees level by level, counted from the leaves, and leaves out what both have. */
function unsharedOfTrees(
  before: Contents,
  after: Contents,
  rootWord: number,
  heightWord: number,
): { before: Pointer[]; after: Pointer[] } {
  const { arena } = before
  const word = ({ version }: Contents, index: number): number =>
    arena.wordsOf(version)[(offsetOf(version) >>> 2) + index] as number
  const heightBefore = word(before, heightWord)
  const heightAfter = word(after, heightWord)
  let left = [word(before, rootWord)].filter((page) => page !== 0)
  let right = [word(after, rootWord)].filter((page) => page !== 0)
  for (let height = Math.max(heightBefore, heightAfter); ; height--) {
    if (height <= heightBefore && height <= heightAfter) {
      const inLeft = new Set(left)
      const inRight = new Set(right)
      left = left.filter((page) => !inRight.has(page))
      right = right.filter((page) => !inLeft.has(page))
    }
    if (height === 0) return { before: left, after: right }
    if (height <= heightBefore) left = childrenOf(arena, left)
    if (height <= heightAfter) right = childrenOf(arena, right)
  }
}

function childrenOf(arena: ArenaView, pages: readonly Pointer[]): Pointer[] {
  const children: Pointer[] = []
  for (const page of pages) {
    const count = childCount(arena, page)
    for (let index = 0; index < count; index++) children.push(childAt(arena, page, index))
  }
  return children
}
