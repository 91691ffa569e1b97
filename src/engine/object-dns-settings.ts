/** What DNS settings must look like: ranges, what goes together, and which nameservers there are to assign. */

import { NameError, parseName, printName } from '../dns/name.ts'
import type { DnsSettings } from '../store/objects.ts'
import { done, type Outcome, type Problem } from './problem.ts'

/** A change of DNS settings; what is left out stays as it is. */
export interface DnsSettingsPatch extends Partial<Omit<DnsSettings, 'nameservers' | 'soa' | 'serial'>> {
  /** Null for as the server's settings say. */
  readonly serial?: DnsSettings['serial'] | null
  readonly nameservers?: Partial<DnsSettings['nameservers']>
  readonly soa?: Partial<DnsSettings['soa']>
}

export interface PatchPlace {
  /** Account defaults may leave the choice of nameservers to chance. */
  readonly of: 'zone' | 'account'
  /** The JSON pointer of the settings in the request. */
  readonly pointer: string
}

/** Seconds, from least to most. Cloudflare's documents and its schema differ; these are the wider ranges of both. */
const RANGES = {
  nsTtl: [30, 86_400],
  refresh: [600, 86_400],
  retry: [600, 86_400],
  expire: [86_400, 2_419_200],
  minTtl: [60, 86_400],
  ttl: [300, 86_400],
} as const

/** What the API calls them. */
const MEMBERS = {
  nsTtl: 'ns_ttl',
  refresh: 'soa/refresh',
  retry: 'soa/retry',
  expire: 'soa/expire',
  minTtl: 'soa/min_ttl',
  ttl: 'soa/ttl',
} as const

const STANDARD = 'cloudflare.standard'
const ADVANCED = 'cloudflare.advanced'
const RANDOM = 'cloudflare.standard.random'
const CUSTOM = ['custom', 'custom.account', 'custom.tenant', 'custom.zone']

/** The settings after a change, if they hold together. Only what is changed must be within its range. */
export function patchDnsSettings(
  before: DnsSettings,
  patch: DnsSettingsPatch,
  place: PatchPlace,
): Outcome<DnsSettings> {
  const problems = [
    ...rangeProblems(patch, place.pointer),
    ...nameProblems(patch.soa ?? {}, place.pointer),
    ...nameServerProblems(patch, place),
  ]
  if (problems.length > 0) return { type: 'refused', problems }
  const after = merge(before, patch)
  const contradictions = [...timerProblems(after.soa, patch.soa ?? {}, place.pointer)]
  return contradictions.length > 0 ? { type: 'refused', problems: contradictions } : done(after)
}

function merge(before: DnsSettings, patch: DnsSettingsPatch): DnsSettings {
  const nameservers = { ...before.nameservers, ...patch.nameservers }
  const { foundationDns } = patch
  // The older switch and the type of nameservers are two words for one thing.
  const type = patch.nameservers?.type ?? (foundationDns === undefined ? nameservers.type : typeOf(foundationDns))
  const { serial: _, ...rest } = { ...before, ...patch }
  const serial = patch.serial === undefined ? before.serial : (patch.serial ?? undefined)
  return {
    ...rest,
    ...(serial && { serial }),
    foundationDns: type === ADVANCED,
    nameservers: { ...nameservers, type },
    soa: { ...before.soa, ...patch.soa },
  }
}

const typeOf = (foundationDns: boolean): string => (foundationDns ? ADVANCED : STANDARD)

function* rangeProblems({ nsTtl, soa = {} }: DnsSettingsPatch, pointer: string): Generator<Problem> {
  const values = { nsTtl, ...soa }
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = values[name as keyof typeof RANGES]
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) continue
    const member = MEMBERS[name as keyof typeof MEMBERS]
    const text = `expected ${member.replace('/', '.')} from ${least} to ${most} seconds, found ${value}`
    yield { code: 'dns-setting-invalid', text, pointer: `${pointer}/${member}` }
  }
}

function* nameProblems({ mname, rname }: Partial<DnsSettings['soa']>, pointer: string): Generator<Problem> {
  const named = { mname: mname ?? undefined, rname: rname === '' ? undefined : rname }
  for (const [member, text] of Object.entries(named)) {
    if (text === undefined || isName(text)) continue
    const form = member === 'mname' ? 'a host name' : 'a mailbox as hostmaster.example.org'
    const said = `expected soa.${member} to be ${form}, found "${text}"`
    yield { code: 'dns-setting-invalid', text: said, pointer: `${pointer}/soa/${member}` }
  }
}

function isName(text: string): boolean {
  try {
    return !text.includes('@') && printName(parseName(text)) !== '.'
  } catch (error) {
    if (error instanceof NameError) return false
    throw error
  }
}

function* nameServerProblems(
  { nameservers: { type, nsSet } = {}, foundationDns }: DnsSettingsPatch,
  { of, pointer }: PatchPlace,
): Generator<Problem> {
  if (nsSet !== undefined && !(Number.isInteger(nsSet) && nsSet >= 1 && nsSet <= 5)) {
    const text = `expected nameservers.ns_set from 1 to 5, found ${nsSet}`
    yield { code: 'dns-setting-invalid', text, pointer: `${pointer}/nameservers/ns_set` }
  }
  if (type === undefined) return
  const at = `${pointer}/nameservers/type`
  const known = [STANDARD, ADVANCED, ...(of === 'account' ? [RANDOM] : [])]
  if (CUSTOM.includes(type)) {
    const text = `there are no custom nameservers here: the names of all are settings of the server; found "${type}"`
    yield { code: 'nameservers-unsupported', text, pointer: at }
  } else if (!known.includes(type)) {
    const text = `expected nameservers.type to be one of ${known.join(', ')}, found "${type}"`
    yield { code: 'dns-setting-invalid', text, pointer: at }
  } else if (foundationDns !== undefined && foundationDns !== (type === ADVANCED)) {
    const text = `foundation_dns ${foundationDns} contradicts nameservers.type "${type}": leave one of them out`
    yield { code: 'dns-settings-contradict', text, pointer: `${pointer}/foundation_dns` }
  }
}

/** A secondary that is told to try again more seldom than to try, or to give up before it tries, is told nonsense. */
function* timerProblems(
  { refresh, retry, expire }: DnsSettings['soa'],
  changed: Partial<DnsSettings['soa']>,
  pointer: string,
): Generator<Problem> {
  if (changed.retry === undefined && changed.refresh === undefined && changed.expire === undefined) return
  const code = 'dns-settings-contradict'
  if (retry > refresh) {
    const at = changed.retry === undefined ? 'refresh' : 'retry'
    const text = `expected soa.retry not above soa.refresh, found ${retry} and ${refresh}`
    yield { code, text, pointer: `${pointer}/soa/${at}` }
  }
  if (expire < refresh) {
    const at = changed.expire === undefined ? 'refresh' : 'expire'
    const text = `expected soa.expire not below soa.refresh, found ${expire} and ${refresh}`
    yield { code, text, pointer: `${pointer}/soa/${at}` }
  }
}
