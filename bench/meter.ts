/** What a group of processes uses: memory while something happens, and processor time. */

import { readFileSync } from 'node:fs'
import { memoryOf } from '../test/interop/twinzone.ts'

const TICKS_PER_SECOND = 100
const MIB = 2 ** 20

/** Anything that runs as processes. */
interface Running {
  processIds(): number[]
}

/** Memory of all processes now, in MiB (PSS). */
export function memoryMiB(running: Running): number {
  return memoryOf(running.processIds()) / MIB
}

/** Memory of all processes now, in MiB, pages that they share counted for each (RSS). */
export function residentMiB(running: Running): number {
  return running.processIds().reduce((sum, pid) => sum + residentOctets(pid), 0) / MIB
}

/** Processor time of all processes so far, in seconds. */
export function processorSeconds(running: Running): number {
  return running.processIds().reduce((sum, pid) => sum + secondsOf(pid), 0)
}

/** Samples memory until stopped; gives the peak. */
export class MemoryMeter {
  #peakMiB = 0
  readonly #timer: NodeJS.Timeout

  constructor(running: Running, everyMs = 200) {
    this.#timer = setInterval(() => (this.#peakMiB = Math.max(this.#peakMiB, memoryMiB(running))), everyMs)
  }

  stop(): number {
    clearInterval(this.#timer)
    return this.#peakMiB
  }
}

function residentOctets(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0 // it has ended
  }
}

function secondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return 0
  }
}
