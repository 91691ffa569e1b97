/**
 * The names that CNAME records lead to: what each was answered last, who uses it, and when it is asked for again.
 *
 * Nobody asks for what nobody uses. What is answered is stored with the versions it is in.
 */

import { nameFromWire, nameKey, parseName, printName, type Name } from '../dns/name.ts'
import { hexOctets, hexText, latin1Octets } from '../dns/octets.ts'
import { newTarget, stepTarget, wakeTargetAt, type Target, type TargetEvent } from '../protocol/flattening.ts'
import type { Change, Flattened } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { AddressSet } from '../zone/zone-frame.ts'
import { Alarms, type Clock } from './alarms.ts'
import type { FlattenedOwner } from './flattened-records.ts'
import type { HostAddresses, LookedUp } from './host-addresses.ts'
import type { Log } from './log.ts'
import type { Settings } from './settings.ts'

export interface FlatteningTargetsWorld {
  readonly addresses: Pick<HostAddresses, 'find' | 'stop'>
  readonly store: Pick<Store, 'objects' | 'change'>
  readonly settings: Pick<Settings, 'flattening'>
  readonly clock: Clock
  readonly log: Log
  /** These owners of a zone lead to other addresses now. */
  readonly changed: (zoneId: string, owners: Iterable<Name>) => void
  readonly failed: (error: Error) => void
}

/** Answers for an edit, and what becomes true with it. */
export interface TargetAnswers {
  /** By `nameKey` of the target. */
  readonly flattened: ReadonlyMap<string, AddressSet>
  readonly changes: readonly Change[]
}

interface KnownTarget {
  readonly name: Name
  machine: Target
  /** The owners that lead here, by zone and by `nameKey`. */
  readonly users: Map<string, Map<string, Name>>
  /** What is in the store. */
  stored: AddressSet | undefined
  /** Settles when it is known, or known not to be known. */
  readonly tried: PromiseWithResolvers<void>
}

export class FlatteningTargets {
  readonly #world: FlatteningTargetsWorld
  readonly #targets = new Map<string, KnownTarget>()
  readonly #stored = new Map<string, AddressSet>()
  readonly #alarms: Alarms<string>

  constructor(world: FlatteningTargetsWorld) {
    this.#world = world
    this.#alarms = new Alarms(world.clock, (key) => this.#step(key, { type: 'woke' }))
  }

  /** Reads the answers of an earlier run. */
  async load(): Promise<void> {
    for (const stored of await this.#world.store.objects('flattened')) {
      const { ipv4, ipv6, ttl } = stored
      const answer = { ipv4: ipv4.map(hexOctets), ipv6: ipv6.map(hexOctets), ttl }
      this.#stored.set(nameKey(parseName(stored.target)), answer)
    }
  }

  /** Forgets the answers of an earlier run that nobody uses. */
  tidy(): void {
    for (const key of this.#stored.keys())
      if (!this.#targets.has(key)) this.#forget({ name: nameOfKey(key), stored: this.#stored.get(key) })
  }

  stop(): void {
    this.#world.addresses.stop()
    this.#alarms.stop()
    this.#targets.clear()
  }

  /** What a name that is used was answered last. */
  current(target: Name): AddressSet | undefined {
    return this.#targets.get(nameKey(target))?.machine.answer
  }

  /** The same, or what it was answered in the run before. */
  answered(target: Name): AddressSet | undefined {
    return this.current(target) ?? this.#stored.get(nameKey(target))
  }

  /** The answers for names; waits for those that are not known, as long as the settings say. */
  async answersOf(names: readonly Name[]): Promise<TargetAnswers> {
    const targets = names.map((name) => this.#target(name))
    await this.#patience(targets)
    const flattened = new Map<string, AddressSet>()
    const changes: Change[] = []
    for (const { name, machine, stored } of targets) {
      const { answer } = machine
      if (answer === undefined) continue
      flattened.set(nameKey(name), answer)
      if (answer !== stored) changes.push({ put: 'flattened', object: storedForm(name, answer) })
    }
    return { flattened, changes }
  }

  /** An answer is in the store by now. */
  noteStored(change: Change, flattened: TargetAnswers['flattened']): void {
    if (!('put' in change) || change.put !== 'flattened') return
    const key = nameKey(parseName(change.object.target))
    const target = this.#targets.get(key)
    if (target !== undefined) target.stored = flattened.get(key)
  }

  /** An owner of a zone leads to a name. */
  use(zoneId: string, ownerKey: string, { owner, target }: FlattenedOwner): void {
    const { users } = this.#target(target)
    const owners = users.get(zoneId) ?? new Map<string, Name>()
    users.set(zoneId, owners.set(ownerKey, owner))
  }

  /** It leads there no more. */
  release(zoneId: string, ownerKey: string, name: Name): void {
    const target = this.#targets.get(nameKey(name))
    const owners = target?.users.get(zoneId)
    owners?.delete(ownerKey)
    if (target === undefined || owners === undefined || owners.size > 0) return
    target.users.delete(zoneId)
    if (target.users.size === 0) this.#forget(target)
  }

  #target(name: Name): KnownTarget {
    const key = nameKey(name)
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const stored = this.#stored.get(key)
    const machine = newTarget(this.#world.clock.now(), stored)
    const target: KnownTarget = { name, machine, users: new Map(), stored, tried: Promise.withResolvers<void>() }
    if (stored !== undefined) target.tried.resolve()
    this.#targets.set(key, target)
    this.#step(key, { type: 'woke' })
    return target
  }

  #forget({ name, stored }: Pick<KnownTarget, 'name' | 'stored'>): void {
    const key = nameKey(name)
    this.#targets.get(key)?.tried.resolve()
    this.#targets.delete(key)
    this.#alarms.clear(key)
    this.#stored.delete(key)
    if (stored === undefined) return
    const { store, failed } = this.#world
    store.change([{ remove: 'flattened', id: printName(name) }]).catch((error: Error) => failed(error))
  }

  async #patience(targets: readonly KnownTarget[]): Promise<void> {
    const unknown = targets.filter(({ machine }) => machine.answer === undefined)
    if (unknown.length === 0) return
    const { clock, settings } = this.#world
    const late = Promise.withResolvers<void>()
    const alarm = clock.after(settings.flattening.waitMs, () => late.resolve())
    await Promise.race([Promise.all(unknown.map(({ tried }) => tried.promise)), late.promise])
    alarm.cancel()
  }

  #step(key: string, event: TargetEvent): void {
    const target = this.#targets.get(key)
    if (target === undefined) return
    const isTried = target.machine.answer !== undefined || target.machine.failures > 0 // so no edit waits for it
    const isIdle = event.type === 'woke' && isTried && target.users.size === 0
    if (isIdle && target.stored === undefined) return this.#forget(target) // of an edit that came to nothing
    const { clock, settings, changed } = this.#world
    const policy = { ttlSecondsMin: settings.flattening.ttlMin, ttlSecondsMax: settings.flattening.ttlMax }
    const [machine, ...effects] = stepTarget(target.machine, event, clock.now(), policy)
    target.machine = machine
    this.#alarms.set(key, wakeTargetAt(machine))
    for (const effect of effects) {
      if (effect.type === 'ask') void this.#ask(key, target.name)
      else for (const [zoneId, owners] of target.users) changed(zoneId, owners.values())
    }
    if (event.type !== 'woke') target.tried.resolve()
  }

  async #ask(key: string, name: Name): Promise<void> {
    const { addresses, log } = this.#world
    const before = this.#targets.get(key)?.machine
    const found = await addresses.find(name)
    // One line when it begins, not one for each time.
    if (found.type === 'failed' && before?.failures === 0)
      log.warn({ target: printName(name), why: found.why }, 'flattening.failed')
    this.#step(key, eventOf(found))
  }
}

function eventOf(found: LookedUp): TargetEvent {
  return found.type === 'failed' ? { type: 'failed' } : { type: 'answered', found: found.addresses }
}

/** A key is the name in lower case, octet by octet. */
const nameOfKey = (key: string): Name => nameFromWire(latin1Octets(key))

function storedForm(name: Name, { ipv4, ipv6, ttl }: AddressSet): Flattened {
  return { target: printName(name), ipv4: ipv4.map(hexText), ipv6: ipv6.map(hexText), ttl }
}
