/** What the schema of the settings cannot say: texts that must be addresses, networks or keys, and bounds in order. */

import { NameError, parseName } from '../dns/name.ts'
import { AddressError, isIpv6, parseAddress, parseEndpoint, printEndpoint } from '../net/address.ts'
import { parseNetwork } from '../protocol/access.ts'
import { StoreError } from '../store/error.ts'
import { sealFromText } from '../store/seal.ts'
import { parseHttpAddress } from './addresses.ts'
import type { Settings } from './settings.ts'

/** A setting that cannot be used: where it stands, and why in words that follow its name. */
export interface Misfit {
  readonly keys: readonly string[]
  readonly said: string
  /** Whether the name is wrong, not the value. */
  readonly unknown?: boolean
}

/** The first setting that has the right type and cannot be used all the same. */
export function findMisfit(settings: Settings): Misfit | undefined {
  for (const misfits of MISFITS) for (const misfit of misfits(settings)) return misfit
  return undefined
}

function* misfitListeners({ dns, http, https }: Settings): Generator<Misfit> {
  const seen = new Set<string>()
  for (const [at, text] of dns.entries()) {
    const said = whyNot(() => {
      const endpoint = parseEndpoint(text)
      if (endpoint.port === 0) throw new AddressError(`expected a port from 1 to 65535, found "${text}"`)
      if (seen.has(printEndpoint(endpoint))) throw new AddressError(`"${text}" is there twice`)
      seen.add(printEndpoint(endpoint))
    }, AddressError)
    if (said !== undefined) yield { keys: ['dns', String(at)], said }
  }
  for (const [key, text] of Object.entries({ http, https })) {
    const said = text === undefined ? undefined : whyNot(() => parseHttpAddress(text), AddressError)
    if (said !== undefined) yield { keys: [key], said }
  }
}

function* misfitTls({ tls }: Settings): Generator<Misfit> {
  const { certificate, key } = tls
  if ((certificate === undefined) === (key === undefined)) return
  const missing = certificate === undefined ? 'certificate' : 'key'
  yield { keys: ['tls', missing], said: 'is missing: a certificate and its key go together' }
}

function* misfitNetworks(settings: Settings): Generator<Misfit> {
  for (const name of ['transferAllow', 'httpTrustedProxies'] as const)
    for (const [at, text] of settings[name].entries())
      if (parseNetwork(text) === undefined)
        yield {
          keys: [name, String(at)],
          said: `is unusable: expected a network as 192.0.2.0/24 or 2001:db8::/32, found "${text}"`,
        }
}

function* misfitSources({ secondary, primary }: Settings): Generator<Misfit> {
  yield* misfitOfFamilies(['secondary', 'localAddress'], secondary.localAddress)
  yield* misfitOfFamilies(['primary', 'notifySource'], primary.notifySource)
}

/** One address of each kind at most. */
function* misfitOfFamilies(setting: readonly string[], texts: readonly string[]): Generator<Misfit> {
  const families = new Set<boolean>()
  for (const [at, text] of texts.entries()) {
    const keys = [...setting, String(at)]
    const address = parseAddress(text)
    if (address === undefined) yield { keys, said: `is unusable: expected an IP address, found "${text}"` }
    else if (families.has(isIpv6(address))) yield { keys, said: `is the second address of its kind, "${text}"` }
    else families.add(isIpv6(address))
  }
}

function* misfitResolvers({ resolvers }: Settings): Generator<Misfit> {
  for (const [at, text] of resolvers.entries()) {
    const said = whyNot(() => parseEndpoint(text), AddressError)
    if (said !== undefined) yield { keys: ['resolvers', String(at)], said }
  }
}

/** Names are read where they are shown, in SOA and NS records; a name that cannot stand there must not come so far. */
function* misfitNameServers({ nameServers, primary }: Settings): Generator<Misfit> {
  const lists = [
    { keys: ['nameServers'], names: nameServers },
    { keys: ['primary', 'nameServers'], names: primary.nameServers },
  ]
  for (const { keys, names } of lists)
    for (const [at, text] of names.entries()) {
      const said = whyNot(() => parseName(text), NameError)
      if (said !== undefined) yield { keys: [...keys, String(at)], said }
    }
}

function* misfitSealKey({ sealKey }: Settings): Generator<Misfit> {
  const said = sealKey === undefined ? undefined : whyNot(() => sealFromText(sealKey), StoreError)
  if (said !== undefined) yield { keys: ['sealKey'], said }
}

function* misfitBounds({ secondary, flattening }: Settings): Generator<Misfit> {
  if (flattening.ttlMin > flattening.ttlMax) {
    const said = `is above ttlMax: found ${flattening.ttlMin} and ${flattening.ttlMax}`
    yield { keys: ['flattening', 'ttlMin'], said }
  }
  for (const name of ['refresh', 'retry', 'expire'] as const) {
    const [least, most] = [secondary[`${name}Min`], secondary[`${name}Max`]]
    if (least > most)
      yield { keys: ['secondary', `${name}Min`], said: `is above ${name}Max: found ${least} and ${most}` }
  }
}

const MISFITS = [
  misfitListeners,
  misfitTls,
  misfitNetworks,
  misfitSources,
  misfitResolvers,
  misfitNameServers,
  misfitSealKey,
  misfitBounds,
] as const

/** What a reader of texts complains about; undefined if it does not. */
function whyNot(read: () => unknown, complaint: new (...args: never[]) => Error): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof complaint) return `is unusable: ${error.message}`
    throw error
  }
}
