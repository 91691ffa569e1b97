/** What the server answers, as far as the command line reads it. */

export interface AccountShown {
  readonly id: string
  readonly name: string
}

export interface GroupShown {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
}

export interface PolicyShown {
  readonly effect: string
  readonly permission_groups: readonly { readonly name: string }[]
  readonly resources: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

export interface TokenShown {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly issued_on: string
  readonly last_used_on?: string
  readonly not_before?: string
  readonly expires_on?: string
  readonly policies: readonly PolicyShown[]
  readonly condition?: {
    readonly request_ip?: { readonly in?: readonly string[]; readonly not_in?: readonly string[] }
  }
  /** Of one that was just made. */
  readonly value?: string
}

export interface TsigShown {
  readonly id: string
  readonly name: string
  readonly algo: string
  readonly secret: string
}

export interface PeerShown {
  readonly id: string
  readonly ip: string
  readonly port: number
  readonly ixfr_enable: boolean
  readonly tsig_id?: string
}

/** A zone that was just made, as Cloudflare's API shows it. */
export interface NewZone {
  readonly id: string
  readonly name: string
  readonly name_servers: readonly string[]
}

export interface ZoneShown {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly state: string
  readonly soa_serial: number | null
  readonly record_count: number
  readonly checked_time: string | null
  readonly modified_time: string | null
  readonly next_check_time: string | null
  readonly expires_time: string | null
  readonly primaries: readonly {
    readonly address: string
    readonly serial: number | null
    readonly failure: string | null
  }[]
  readonly transfer?: { readonly records: number; readonly octets: number } | null
}

/** A zone as Cloudflare's API shows it. */
export interface OwnedZone {
  readonly account: { readonly id: string }
}

/** An outgoing configuration as Cloudflare's API shows it. */
export interface LinkShown {
  readonly peers: readonly string[]
}

export interface OutgoingShown {
  readonly enabled: boolean
  readonly peers: readonly {
    readonly name: string
    readonly address: string
    readonly state: string
    readonly notified_serial: number | null
    readonly failure: string | null
    readonly mend: string | null
    readonly asked_serial: number | null
    readonly pulled_serial: number | null
    readonly pulled_time: string | null
  }[]
}

export interface TransferShown {
  readonly id: number
  readonly direction: string
  readonly peer: string
  readonly trigger: string
  readonly asked: string
  readonly form?: string | null
  readonly outcome: string
  readonly reason?: string | null
  readonly detail?: string | null
  readonly mend?: string | null
  readonly to_serial?: number | null
  readonly records: number
  readonly octets: number
  readonly ms: number
  readonly started_time: string
}

export interface StatusShown {
  readonly version: string
  readonly started_time: string
  readonly ready: boolean
  readonly dns: readonly string[]
  readonly zones: { readonly serving: number; readonly empty: number; readonly expired: number }
  readonly records: number
  readonly transfers_running: number
}

export interface RecordShown {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly content: string
  readonly ttl: number
  readonly proxied: boolean
  readonly priority?: number
}
