/** A realistic zone as files: the records of a master file, and questions for them. */

import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { dice } from '../test/zone-model.ts'
import { askableOf, questionsOf } from './questions.ts'
import { printLine, realisticLines, soaLine } from './realistic-zone.ts'
import type { Line, RealisticShape } from './realistic-zone.ts'

const QUESTIONS = 200_000
const LINES_PER_WRITE = 2000

/** Where the files of a zone are, and what is in them. */
export interface ZoneFiles {
  readonly apex: string
  readonly file: string
  readonly questions: string
  readonly records: number
  readonly names: number
}

/** Makes a zone with serial 1, and questions for it. */
export async function makeZoneFiles(folder: string, shape: RealisticShape): Promise<ZoneFiles> {
  const { apex } = shape
  const lines = [...realisticLines(shape)]
  const [file, questions] = [join(folder, `${apex}master`), join(folder, `${apex}questions`)]
  await writeLines(file, printed([soaLine(apex, 1), ...lines]))
  const askable = askableOf(lines, apex)
  await writeLines(questions, ended(questionsOf(askable, { apex, count: QUESTIONS, roll: dice(3) })))
  return { apex, file, questions, records: lines.length + 1, names: new Set(lines.map(([owner]) => owner)).size }
}

/** Writes lines that have their ends. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces(lines)), createWriteStream(path))
}

/** Records as lines of a master file. */
export function* printed(lines: Iterable<Line>): Generator<string> {
  for (const line of lines) yield printLine(line)
}

function* ended(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`
}

/** Joins lines into pieces of a size worth a write. */
function* pieces(lines: Iterable<string>): Generator<string> {
  let piece: string[] = []
  for (const line of lines) {
    piece.push(line)
    if (piece.length < LINES_PER_WRITE) continue
    yield piece.join('')
    piece = []
  }
  if (piece.length > 0) yield piece.join('')
}
