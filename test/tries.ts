/** How often a property is tried: a few times whenever the tests run, many times with `TWINZONE_THOROUGH=1`. */

export function tries(few: number, thorough: number): number {
  return process.env['TWINZONE_THOROUGH'] === '1' ? thorough : few
}
