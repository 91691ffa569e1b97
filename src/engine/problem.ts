/** Why the control plane refuses a change: a closed list of codes, each a foreseen outcome that the caller passes on. */

/** Every reason for a refusal. The API's table gives each its HTTP status and number. */
export type ProblemCode =
  | 'account-in-use'
  | 'account-invalid'
  | 'account-unknown'
  | 'acl-unknown'
  | 'address-invalid'
  | 'dns-setting-invalid'
  | 'dns-settings-contradict'
  | 'hold-after-invalid'
  | 'hold-unknown'
  | 'email-invalid'
  | 'email-taken'
  | 'grant-beyond-rights'
  | 'incoming-exists'
  | 'incoming-unknown'
  | 'name-missing'
  | 'nameservers-unsupported'
  | 'network-invalid'
  | 'network-too-wide'
  | 'no-primaries'
  | 'outgoing-exists'
  | 'outgoing-unknown'
  | 'peer-in-use'
  | 'peer-not-in-account'
  | 'peer-repeated'
  | 'peer-unknown'
  | 'port-invalid'
  | 'refresh-invalid'
  | 'token-condition-invalid'
  | 'token-name-invalid'
  | 'token-policy-invalid'
  | 'token-time-invalid'
  | 'token-unknown'
  | 'too-many-peers'
  | 'too-many-tokens'
  | 'tsig-algorithm-off'
  | 'tsig-algorithm-unknown'
  | 'tsig-in-use'
  | 'tsig-mixed'
  | 'tsig-name-invalid'
  | 'tsig-not-in-account'
  | 'tsig-secret-invalid'
  | 'tsig-unknown'
  | 'version-refused'
  | 'user-in-use'
  | 'user-unknown'
  | 'zone-exists'
  | 'zone-held'
  | 'zone-linked'
  | 'zone-name-invalid'
  | 'zone-name-mismatch'
  | 'zone-name-not-apex'
  | 'zone-not-secondary'
  | 'zone-unknown'

/** One thing that stands in the way. */
export interface Problem {
  readonly code: ProblemCode
  /** What was seen and what was expected, for a person. */
  readonly text: string
  /** The place in the input, as a JSON pointer. */
  readonly pointer?: string
}

/** What became of a change: its result, perhaps with things worth knowing, or why it was refused. */
export type Outcome<T> = Done<T> | Refused

export interface Done<T> {
  readonly type: 'done'
  readonly value: T
  readonly warnings: readonly string[]
}

export interface Refused {
  readonly type: 'refused'
  readonly problems: readonly Problem[]
}

export const done = <T>(value: T, warnings: readonly string[] = []): Done<T> => ({ type: 'done', value, warnings })

export const refused = (code: ProblemCode, text: string, pointer?: string): Refused => ({
  type: 'refused',
  problems: [pointer === undefined ? { code, text } : { code, text, pointer }],
})

/** A few names for a message: the first ones, and how many more there are. */
export function nameSome(names: readonly string[], shown = 5): string {
  const more = names.length - shown
  return names.slice(0, shown).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
