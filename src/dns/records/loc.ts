import type { Json, JsonSchema } from '../field.ts'
import {
  type Angle,
  type Location,
  angleOf,
  fieldOfAltitude,
  fieldOfAngle,
  location,
  metresOfAltitude,
  metresOfSize,
  sizeOfMetres,
} from '../field-location.ts'
import { type Spread, blame, recordType } from '../record-type.ts'
import { TextError } from '../text.ts'

type Data = Readonly<Record<string, Json>>

const number = (title: string, minimum: number, maximum: number): JsonSchema => ({
  type: 'number',
  title,
  minimum,
  maximum,
})

/** The Cloudflare API has the parts of a place as twelve members of `data`. */
const PARTS: Spread<Location> = {
  properties: {
    lat_degrees: number('Degrees of latitude', 0, 90),
    lat_minutes: number('Minutes of latitude', 0, 59),
    lat_seconds: number('Seconds of latitude', 0, 59.999),
    lat_direction: { type: 'string', title: 'Latitude direction', enum: ['N', 'S'] },
    long_degrees: number('Degrees of longitude', 0, 180),
    long_minutes: number('Minutes of longitude', 0, 59),
    long_seconds: number('Seconds of longitude', 0, 59.999),
    long_direction: { type: 'string', title: 'Longitude direction', enum: ['E', 'W'] },
    altitude: number('Altitude in metres', -100_000, 42_849_672.95),
    size: number('Size in metres', 0, 90_000_000),
    precision_horz: number('Horizontal precision in metres', 0, 90_000_000),
    precision_vert: number('Vertical precision in metres', 0, 90_000_000),
  },
  required: ['lat_degrees', 'lat_direction', 'long_degrees', 'long_direction', 'altitude'],
  toData: (place) => {
    const latitude = angleOf(place.latitude)
    const longitude = angleOf(place.longitude)
    return {
      lat_degrees: latitude.degrees,
      lat_minutes: latitude.minutes,
      lat_seconds: latitude.seconds,
      lat_direction: latitude.negative ? 'S' : 'N',
      long_degrees: longitude.degrees,
      long_minutes: longitude.minutes,
      long_seconds: longitude.seconds,
      long_direction: longitude.negative ? 'W' : 'E',
      altitude: metresOfAltitude(place.altitude),
      size: metresOfSize(place.size),
      precision_horz: metresOfSize(place.horizontal),
      precision_vert: metresOfSize(place.vertical),
    }
  },
  fromData: (data) => ({
    version: 0,
    size: sizeOfMetres(numberIn(data, 'size', 0)),
    horizontal: sizeOfMetres(numberIn(data, 'precision_horz', 0)),
    vertical: sizeOfMetres(numberIn(data, 'precision_vert', 0)),
    latitude: blame('data.lat_degrees', () => fieldOfAngle(angleIn(data, 'lat', 'NS'), 90)),
    longitude: blame('data.long_degrees', () => fieldOfAngle(angleIn(data, 'long', 'EW'), 180)),
    altitude: blame('data.altitude', () => fieldOfAltitude(numberIn(data, 'altitude'))),
  }),
}

function angleIn(data: Data, axis: 'lat' | 'long', directions: 'NS' | 'EW'): Angle {
  const direction = data[`${axis}_direction`]
  if (direction !== directions[0] && direction !== directions[1]) {
    throw new TextError(`expected a direction ${directions[0]} or ${directions[1]}`)
  }
  return {
    degrees: numberIn(data, `${axis}_degrees`),
    minutes: numberIn(data, `${axis}_minutes`, 0),
    seconds: numberIn(data, `${axis}_seconds`, 0),
    negative: direction === directions[1],
  }
}

function numberIn(data: Data, member: string, otherwise?: number): number {
  const value = data[member] ?? otherwise
  if (typeof value === 'number' && Number.isFinite(value)) return value
  const error = new TextError('expected a number')
  error.field = `data.${member}`
  throw error
}

/** LOC: a place on Earth (RFC 1876 §2). */
export const LOC = recordType({
  code: 29,
  mnemonic: 'LOC',
  rfc: 1876,
  fields: {
    place: location('Place'),
  },
  cloudflare: { place: PARTS },
})
