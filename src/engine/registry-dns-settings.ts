/** How zones are answered for beyond their records: by their own settings, or those they began with. */

import type { DnsSettings, Zone } from '../store/objects.ts'
import type { SerialPolicy } from '../zone/zone-frame.ts'
import type { Id } from './object-id.ts'
import type { Desk } from './registry-desk.ts'
import { defaultDnsSettings } from './zone-frames.ts'

export class DnsSettingsOfAll {
  readonly #desk: Desk
  readonly #defaults: DnsSettings

  constructor(desk: Desk, serial: SerialPolicy = 'counter') {
    this.#desk = desk
    this.#defaults = defaultDnsSettings(serial)
  }

  ofZone({ id }: Pick<Zone, 'id'>): DnsSettings {
    return this.#desk.state.zoneDnsSettings.get(id) ?? this.#defaults
  }

  /** Whether proxied records of an account are answered as they are. */
  isDnsOnly(accountId: Id): boolean {
    return this.#desk.state.accountDnsSettings.get(accountId)?.enforceDnsOnly ?? false
  }
}
