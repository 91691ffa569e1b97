/**
 * What fuzzing starts from: `test/fixtures/fuzz/`, by kind.
 *
 * A `.hex` file holds messages with blank lines between them; lines that begin with `#` say where they come from. In
 * `streams/` a file is one stream, elsewhere each message stands for itself. Every input that ever broke something is
 * kept here, and runs as it is before anything is made of it.
 */

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

const ROOT = 'test/fixtures/fuzz'

/** All messages of a kind, one by one. */
export function messagesOf(kind: string): Uint8Array[] {
  return streamsOf(kind).flat()
}

/** The messages of a kind, file by file. */
export function streamsOf(kind: string): Uint8Array[][] {
  return filesOf(`${kind}/*.hex`).map(readHex)
}

/** The texts of a kind, file by file. */
export function textsOf(kind: string): string[] {
  return filesOf(`${kind}/*.zone`)
}

/** The zones that answers are made from: apex and text. */
export function readServed(): (readonly [apex: string, text: string])[] {
  return globSync(`${ROOT}/served/*.zone`).map((path) => [basename(path, 'zone'), readFileSync(path, 'utf8')])
}

/** The messages in the text of a `.hex` file. */
function readHex(text: string): Uint8Array[] {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => paragraph.replaceAll(/^#.*$/gm, ''))
  return paragraphs.map((hex) => octetsOfHex(hex.replaceAll(/\s/g, ''))).filter((octets) => octets.length > 0)
}

function octetsOfHex(hex: string): Uint8Array {
  if (!/^(?:[\da-f]{2})*$/.test(hex)) throw new Error(`no hexadecimal digits: ${hex.slice(0, 40)}`)
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

function filesOf(pattern: string): string[] {
  const paths = globSync(`${ROOT}/${pattern}`).sort()
  if (paths.length === 0) throw new Error(`nothing to start from in ${ROOT}/${pattern}`)
  return paths.map((path) => readFileSync(path, 'utf8'))
}
