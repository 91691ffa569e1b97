/** The log: one line per event, as JSON for machines or coloured for people. Secrets are never handed to it. */

import { destination, pino, type DestinationStream, type Logger } from 'pino'
import type { Settings } from './settings.ts'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** Writes to stderr: stdout carries the one line that says the server is ready. */
export async function createLog({ log, logLevel }: Pick<Settings, 'log' | 'logLevel'>): Promise<Log> {
  return writeTo(log === 'json' ? destination({ dest: 2, sync: true }) : await prettyLines(), logLevel)
}

function writeTo(stream: DestinationStream, level: string): Log {
  return pino({ level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }, stream)
}

/** Those who want JSON need not load this. */
async function prettyLines(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty')
  // Colours are for terminals, and for people who want them (https://no-color.org).
  const colorize = process.stderr.isTTY && !process.env['NO_COLOR']
  return pretty({ destination: 2, sync: true, colorize, translateTime: 'SYS:HH:MM:ss.l' })
}

/** For tests and tools that want silence. */
export const noLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
