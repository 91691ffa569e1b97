/**
 * The field of LOC: a place on Earth (RFC 1876).
 *
 * Angles are thousandths of a second of arc around 2³¹, altitudes centimetres above 100 km below the ellipsoid, and
 * sizes a digit and a power of ten of centimetres, one nibble each.
 */

import { type Field, fieldOfText } from './field.ts'
import { OP } from './layout-program.ts'
import { TextError, unexpected } from './text.ts'
import type { Lexer } from './zonefile/lexer.ts'

/** A place as it is on the wire. */
export interface Location {
  readonly version: number
  readonly size: number
  readonly horizontal: number
  readonly vertical: number
  readonly latitude: number
  readonly longitude: number
  readonly altitude: number
}

const EQUATOR = 2 ** 31
const ALTITUDE_BASE_CM = 10_000_000
const DEGREE = 3_600_000
const MINUTE = 60_000

/** The whole RDATA of LOC. Text stands only for version 0 and values that are in range. */
export function location(title: string): Field<Location> {
  return fieldOfText(title, 'location', {
    read: (reader) => {
      const [version, size, horizontal, vertical] = [reader.u8(), reader.u8(), reader.u8(), reader.u8()]
      return {
        version,
        size,
        horizontal,
        vertical,
        latitude: reader.u32(),
        longitude: reader.u32(),
        altitude: reader.u32(),
      }
    },
    write: (writer, { version, size, horizontal, vertical, latitude, longitude, altitude }) => {
      for (const octet of [version, size, horizontal, vertical]) writer.u8(octet)
      for (const number of [latitude, longitude, altitude]) writer.u32(number)
    },
    parse: parseLocation,
    print: printLocation,
    layout: [OP.SKIP, 16],
  })
}

function parseLocation(lexer: Lexer): Location {
  const latitude = takeAngle(lexer, 90, 'NS')
  const longitude = takeAngle(lexer, 180, 'EW')
  const altitude = centimetres(lexer.word('an altitude')) + ALTITUDE_BASE_CM
  if (altitude < 0 || altitude > 0xffff_ffff) throw new TextError('expected an altitude from -100000 to 42849672.95')
  const [size = 0x12, horizontal = 0x16, vertical = 0x13] = takeSizes(lexer)
  return { version: 0, size, horizontal, vertical, latitude, longitude, altitude }
}

function printLocation(place: Location): string | undefined {
  if (!isPrintable(place)) return undefined
  const sizes = [place.size, place.horizontal, place.vertical].map((octet) => `${metresOfSize(octet).toFixed(2)}m`)
  const altitude = `${metresOfAltitude(place.altitude).toFixed(2)}m`
  return [printAngle(place.latitude, 'NS'), printAngle(place.longitude, 'EW'), altitude, ...sizes].join(' ')
}

/** Whether a text stands for the place, and for no other octets. */
function isPrintable({ version, size, horizontal, vertical, latitude, longitude }: Location): boolean {
  const sizesFit = [size, horizontal, vertical].every((octet) => octet === 0 || isSize(octet))
  const anglesFit = Math.abs(latitude - EQUATOR) <= 90 * DEGREE && Math.abs(longitude - EQUATOR) <= 180 * DEGREE
  return version === 0 && sizesFit && anglesFit
}

function isSize(octet: number): boolean {
  return octet >> 4 >= 1 && octet >> 4 <= 9 && (octet & 0x0f) <= 9
}

/** Degrees, minutes, seconds with thousandths, and whether it is south or west. */
export interface Angle {
  readonly degrees: number
  readonly minutes: number
  readonly seconds: number
  readonly negative: boolean
}

/** The angle that a field stands for. */
export function angleOf(field: number): Angle {
  const size = Math.abs(field - EQUATOR)
  const seconds = (size % MINUTE) / 1000
  return {
    degrees: Math.floor(size / DEGREE),
    minutes: Math.floor(size / MINUTE) % 60,
    seconds,
    negative: field < EQUATOR,
  }
}

/** The field for an angle of at most so many degrees. */
export function fieldOfAngle({ degrees, minutes, seconds, negative }: Angle, degreesMax: number): number {
  const size = degrees * DEGREE + minutes * MINUTE + Math.round(seconds * 1000)
  const whole = Number.isInteger(degrees) && Number.isInteger(minutes)
  if (
    !whole ||
    degrees < 0 ||
    minutes < 0 ||
    minutes > 59 ||
    seconds < 0 ||
    seconds >= 60 ||
    size > degreesMax * DEGREE
  ) {
    throw new TextError(`expected an angle of at most ${degreesMax} degrees, found ${degrees} ${minutes} ${seconds}`)
  }
  return EQUATOR + (negative ? -size : size)
}

/** Takes `52 22 23.000 N`; minutes and seconds may be left out. */
function takeAngle(lexer: Lexer, degreesMax: number, directions: 'NS' | 'EW'): number {
  const expected = directions === 'NS' ? 'N or S' : 'E or W'
  const numbers: number[] = []
  for (;;) {
    const token = lexer.word(expected)
    const direction = token.length === 1 ? directions.indexOf(token.toUpperCase()) : -1
    if (direction >= 0 && numbers.length > 0) {
      const [degrees = 0, minutes = 0, seconds = 0] = numbers
      return fieldOfAngle({ degrees, minutes, seconds, negative: direction === 1 }, degreesMax)
    }
    const pattern = numbers.length < 2 ? /^\d{1,3}$/ : /^\d{1,2}(\.\d{0,3})?$/
    if (numbers.length === 3 || !pattern.test(token))
      throw unexpected(numbers.length === 0 ? 'degrees' : expected, token)
    numbers.push(Number(token))
  }
}

function printAngle(field: number, directions: 'NS' | 'EW'): string {
  const { degrees, minutes, seconds, negative } = angleOf(field)
  return `${degrees} ${minutes} ${seconds.toFixed(3)} ${directions[negative ? 1 : 0]}`
}

function takeSizes(lexer: Lexer): number[] {
  const sizes: number[] = []
  while (sizes.length < 3 && lexer.more()) sizes.push(sizeOfCentimetres(centimetres(lexer.word('a size in metres'))))
  return sizes
}

/** `-24m` or `2000.50` in centimetres. */
function centimetres(token: string): number {
  const metres = /^(-?\d{1,8}(?:\.\d{0,2})?)m?$/i.exec(token)?.[1]
  if (metres === undefined) throw unexpected('a number of metres', token)
  return Math.round(Number(metres) * 100)
}

/** The largest digit and power of ten that do not exceed the size; most sizes cannot be said exactly. */
function sizeOfCentimetres(size: number): number {
  if (size < 0 || size > 9_000_000_000) throw new TextError('expected a size from 0 to 90000000 metres')
  let power = 0
  for (let rest = size; rest >= 10; rest = Math.floor(rest / 10)) power++
  return (Math.floor(size / 10 ** power) << 4) | power
}

/** Metres for a size or precision. */
export function metresOfSize(octet: number): number {
  return ((octet >> 4) * 10 ** (octet & 0x0f)) / 100
}

/** The octet for a size or precision in metres. */
export function sizeOfMetres(metres: number): number {
  return sizeOfCentimetres(Math.round(metres * 100))
}

/** Metres above the ellipsoid. */
export function metresOfAltitude(field: number): number {
  return (field - ALTITUDE_BASE_CM) / 100
}

/** The field for metres above the ellipsoid. */
export function fieldOfAltitude(metres: number): number {
  const field = Math.round(metres * 100) + ALTITUDE_BASE_CM
  if (field >= 0 && field <= 0xffff_ffff) return field
  throw new TextError(`expected an altitude from -100000 to 42849672.95, found ${metres}`)
}
