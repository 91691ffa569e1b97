/** The log: one line per event, as JSON for machines or coloured for people. Secrets are never handed to it. */

import { destination, pino, type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Settings } from './settings.ts'

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/** Writes to stderr: stdout carries the one line that says the server is ready. */
export function createLog({ log, logLevel }: Pick<Settings, 'log' | 'logLevel'>): Log {
  const options = { level: logLevel, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  return log === 'pretty'
    ? pino(options, pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }))
    : pino(options, destination({ dest: 2, sync: true }))
}

/** For tests and tools that want silence. */
export const noLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
