/**
 * The names of record types, as each type's definition makes them known.
 *
 * Apart from the registry, because the fields that hold types (NSEC, RRSIG) are used by definitions that the registry
 * lists. Everyone else asks `record-types.ts`, which has seen every definition.
 */

const mnemonics = new Map<number, string>()
const codes = new Map<string, number>()

/** Makes a type known under its name; called once per definition. */
export function nameType(code: number, mnemonic: string): void {
  mnemonics.set(code, mnemonic)
  codes.set(mnemonic, code)
}

/** `MX` for 15, `TYPE65280` for what has no name (RFC 3597 §5). */
export function mnemonicOf(code: number): string {
  return mnemonics.get(code) ?? `TYPE${code}`
}

/** The code for `MX`, `mx` or `TYPE15`; undefined if the text names no type. */
export function codeOf(text: string): number | undefined {
  return codes.get(text) ?? codes.get(text.toUpperCase()) ?? numberedCode(text, 'TYPE')
}

/** The number in `TYPE15` or `CLASS1` (RFC 3597 §5); undefined if the text is none of these. */
export function numberedCode(text: string, word: 'TYPE' | 'CLASS'): number | undefined {
  const digits = text.slice(word.length)
  if (text.slice(0, word.length).toUpperCase() !== word || !/^\d{1,5}$/.test(digits)) return undefined
  const code = Number(digits)
  return code <= 0xffff ? code : undefined
}
