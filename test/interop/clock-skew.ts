/**
 * Loaded before a program (`node --import`), makes its clock differ from ours by TWINZONE_TEST_CLOCK_MS.
 *
 * The program notices nothing, so what is tested is the program; and no library has to be preloaded.
 */

const differenceMs = Number(process.env['TWINZONE_TEST_CLOCK_MS'] ?? '0')
const RealDate = Date

class SkewedDate extends RealDate {
  constructor(...given: [] | [string | number | Date]) {
    super(given.length === 0 ? SkewedDate.now() : given[0])
  }

  static override now(): number {
    return RealDate.now() + differenceMs
  }
}

globalThis.Date = SkewedDate as DateConstructor
