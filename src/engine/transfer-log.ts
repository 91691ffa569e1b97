/**
 * The closing line of every check and every transfer: in the log, in the store, and as metrics.
 *
 * The facts are the same in all three places: asked and real type, transport, key, serials, messages, records, octets,
 * time, outcome and reason.
 */

import type { Counter, Histogram } from 'prom-client'
import { sentenceOf, type Reason } from '../protocol/reason.ts'
import type { TransferRecord } from '../store/store.ts'
import type { Clock } from './alarms.ts'
import type { Log } from './log.ts'
import type { RunningTask, SecondaryZone } from './secondary-zone.ts'
import type { ProbeOutcome, TransferOutcome } from './transfer-port.ts'

export interface TransferMetrics {
  readonly checks: Counter<'outcome'>
  readonly transfers: Counter<'asked' | 'form' | 'outcome'>
  readonly octets: Counter
  readonly records: Counter
  readonly seconds: Histogram
}

export class TransferLog {
  readonly #clock: Clock
  readonly #log: Log
  readonly #metrics: TransferMetrics
  readonly #keep: (record: TransferRecord) => void

  constructor(world: { clock: Clock; log: Log; metrics: TransferMetrics; keep: (record: TransferRecord) => void }) {
    this.#clock = world.clock
    this.#log = world.log
    this.#metrics = world.metrics
    this.#keep = world.keep
  }

  checked(zone: SecondaryZone, task: RunningTask, outcome: ProbeOutcome): void {
    const failed = outcome.type === 'probe failed' ? outcome.reason : undefined
    this.#metrics.checks.inc({ outcome: failed?.code ?? 'done' })
    const serial = outcome.type === 'probed' ? outcome.soa.serial : undefined
    this.#write('check', this.#record(zone, task, { failed, toSerial: serial, form: undefined }), zone)
  }

  transferred(zone: SecondaryZone, task: RunningTask, outcome: TransferOutcome): void {
    const failed = outcome.type === 'transfer failed' ? outcome.reason : undefined
    const form = outcome.type === 'transferred' ? outcome.form : outcome.type
    const label = failed?.code ?? 'done'
    this.#metrics.transfers.inc({ asked: task.asked, form: failed === undefined ? form : 'none', outcome: label })
    this.#metrics.octets.inc(outcome.counts.octets)
    this.#metrics.records.inc(outcome.counts.records)
    this.#metrics.seconds.observe((this.#clock.now() - task.startedAt) / 1000)
    const toSerial = 'soa' in outcome ? outcome.soa.serial : undefined
    const record = this.#record(zone, task, { failed, toSerial, form: failed === undefined ? form : undefined })
    const findings = outcome.type === 'transferred' && outcome.findings.length > 0 ? outcome.findings : undefined
    this.#write('transfer', record, zone, findings)
  }

  #record(
    zone: SecondaryZone,
    task: RunningTask,
    end: { failed: Reason | undefined; toSerial: number | undefined; form: string | undefined },
  ): TransferRecord {
    const { failed, toSerial, form } = end
    return {
      zoneId: zone.id,
      at: task.startedAt,
      ms: this.#clock.now() - task.startedAt,
      direction: 'in',
      peer: task.peer,
      ...(task.key === undefined ? {} : { key: task.key }),
      trigger: task.trigger,
      transport: task.transport,
      asked: task.asked,
      ...(form === undefined ? {} : { form }),
      outcome: failed === undefined ? 'done' : 'failed',
      ...(failed === undefined ? {} : { reason: failed.code, detail: sentenceOf(failed) }),
      ...(task.fromSerial === undefined ? {} : { fromSerial: task.fromSerial }),
      ...(toSerial === undefined ? {} : { toSerial }),
      ...task.counts,
    }
  }

  #write(what: 'check' | 'transfer', record: TransferRecord, zone: SecondaryZone, findings?: readonly string[]): void {
    const { zoneId: _, at: _at, ...facts } = record
    const failed = record.outcome === 'failed'
    this.#log[failed ? 'warn' : what === 'check' ? 'debug' : 'info']({ zone: zone.name, ...facts, findings }, what)
    this.#keep(record)
  }
}
