/** How zones are answered for beyond their records: by their own settings, or those they began with. */

import type { AccountDnsSettings, DnsSettings, Zone } from '../store/objects.ts'
import { patchDnsSettings, type DnsSettingsPatch } from './object-dns-settings.ts'
import type { Id } from './object-id.ts'
import { done, refused, type Outcome } from './problem.ts'
import type { Desk } from './registry-desk.ts'
import { unknownZone } from './registry-zones.ts'
import { defaultDnsSettings } from './zone-frames.ts'

/** A change of an account's defaults. */
export interface AccountDnsSettingsPatch {
  readonly zoneDefaults?: DnsSettingsPatch
  readonly enforceDnsOnly?: boolean | undefined
}

/** What applies to a secondary zone: the rest of it comes from the primary. */
const SECONDARY = ['secondaryOverrides', 'zoneMode', 'nameservers', 'foundationDns']

export class DnsSettingsOfAll {
  readonly #desk: Desk
  readonly #defaults = defaultDnsSettings()

  constructor(desk: Desk) {
    this.#desk = desk
  }

  ofZone({ id }: Pick<Zone, 'id'>): DnsSettings {
    return this.#desk.state.zoneDnsSettings.get(id) ?? this.#defaults
  }

  ofAccount(accountId: Id): AccountDnsSettings {
    const known = this.#desk.state.accountDnsSettings.get(accountId)
    return known ?? { accountId, zoneDefaults: this.#defaults, enforceDnsOnly: false }
  }

  /** Whether proxied records of an account are answered as they are. */
  isDnsOnly(accountId: Id): boolean {
    return this.#desk.state.accountDnsSettings.get(accountId)?.enforceDnsOnly ?? false
  }

  /** Changes some settings of a zone. What is served follows in the same transaction. */
  changeZone(zoneId: Id, patch: DnsSettingsPatch): Promise<Outcome<DnsSettings>> {
    return this.#desk.change((state) => {
      const zone = state.zones.get(zoneId)
      if (zone === undefined) return unknownZone(zoneId)
      const before = this.ofZone(zone)
      const patched = patchDnsSettings(before, patch, { of: 'zone', pointer: '' })
      if (patched.type === 'refused') return patched
      const after = patched.value
      const version = zone.type === 'full' ? { type: 'settings' as const, zoneId, scope: scopeOf(patch) } : undefined
      const changes = [{ put: 'zoneDnsSettings', object: { ...after, zoneId } } as const]
      return done({ value: after, changes, version }, zone.type === 'full' ? [] : warningsFor(patch))
    })
  }

  /** Changes what new zones of an account begin with, and whether its zones have proxies at all. */
  changeAccount(
    accountId: Id,
    { zoneDefaults = {}, enforceDnsOnly }: AccountDnsSettingsPatch,
  ): Promise<Outcome<AccountDnsSettings>> {
    return this.#desk.change((state) => {
      if (!state.accounts.has(accountId)) return refused('account-unknown', `there is no account "${accountId}"`)
      const before = this.ofAccount(accountId)
      const place = { of: 'account', pointer: '/zone_defaults' } as const
      const patched = patchDnsSettings(before.zoneDefaults, zoneDefaults, place)
      if (patched.type === 'refused') return patched
      const after: AccountDnsSettings = {
        accountId,
        zoneDefaults: patched.value,
        enforceDnsOnly: enforceDnsOnly ?? before.enforceDnsOnly,
      }
      return done({ value: after, changes: [{ put: 'accountDnsSettings', object: after }] })
    })
  }
}

/** Most settings show at the apex; these may show everywhere. */
function scopeOf({ flattenAllCnames, zoneMode }: DnsSettingsPatch): 'apex' | 'all' {
  return flattenAllCnames === undefined && zoneMode === undefined ? 'apex' : 'all'
}

function warningsFor(patch: DnsSettingsPatch): readonly string[] {
  const idle = Object.keys(patch).filter((name) => !SECONDARY.includes(name))
  if (idle.length === 0) return []
  const names = idle.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
  return [`${names.join(', ')}: kept, and without effect while the zone is secondary`]
}
