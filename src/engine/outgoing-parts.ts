/** Joins what hands zones on: the rules, the telling of peers, the log, and what is noted of peers. */

import type { ZoneHandle } from '../zone/directory-layout.ts'
import type { DirectoryReader } from '../zone/directory-reader.ts'
import type { TransferRecord } from '../store/store.ts'
import { systemClock } from './alarms.ts'
import { HandingOn } from './handing-on.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { NotifyClient } from './notify-client.ts'
import { Notifier } from './notifier.ts'
import { OutgoingUses } from './outgoing-uses.ts'
import type { Registry } from './registry.ts'
import { RuleDesk } from './rule-desk.ts'
import { servedSoa } from './served-soa.ts'
import type { Settings } from './settings.ts'
import { TransferOutLog } from './transfer-out-log.ts'
import type { RuleChanges } from './transfer-rules.ts'

export interface OutgoingWorld {
  readonly registry: Registry
  readonly settings: Settings
  readonly log: Log
  readonly metrics: Pick<Metrics, 'notified'>
  readonly reader: DirectoryReader
  /** The handle of a zone in the directory. */
  readonly handleOf: (zoneId: string) => number | undefined
  /** Resolves when all threads go by the rules. */
  readonly sendRules: (changes: RuleChanges) => Promise<void>
  readonly keep: (record: TransferRecord) => void
  readonly failed: (error: Error) => void
}

export interface OutgoingParts {
  readonly rules: RuleDesk
  readonly notifier: Notifier
  readonly uses: OutgoingUses
  readonly handingOn: HandingOn
}

export function outgoingParts(world: OutgoingWorld): OutgoingParts {
  const { registry, settings, log, metrics, reader, handleOf, sendRules, keep, failed } = world
  const { outgoings, peers, tsigs } = registry
  const uses = new OutgoingUses({ clock: systemClock, write: (noted) => outgoings.use(noted), failed })
  const rules = new RuleDesk({ registry, send: sendRules })
  const notifier = new Notifier({
    clock: systemClock,
    port: new NotifyClient(settings, Date.now),
    objects: {
      outgoing: (zoneId) => outgoings.get(zoneId),
      peer: (id) => peers.get(id),
      tsig: (id) => tsigs.get(id),
    },
    soaOf(zoneId) {
      const handle = handleOf(zoneId)
      return handle === undefined ? undefined : servedSoa(reader, handle as ZoneHandle)
    },
    settings,
    outcome: (outcome) => metrics.notified.inc({ outcome }),
    log,
  })
  const transferLog = new TransferOutLog({ clock: systemClock, log, keep })
  return { rules, notifier, uses, handingOn: new HandingOn({ registry, rules, notifier, uses, log: transferLog }) }
}
