/** The field of HIP that holds a host's identity (RFC 8005 §5): two lengths, an algorithm, a tag and a key. */

import { type Field, fieldOfText, parseInteger } from './field.ts'
import { decoded } from './field-octets.ts'
import { OP } from './layout-program.ts'
import { base64Octets, base64Text, hexOctets, hexText } from './octets.ts'
import { TextError } from './text.ts'

/** A host identity tag and the public key that it stands for. */
export interface HostIdentity {
  readonly algorithm: number
  readonly tag: Uint8Array
  readonly key: Uint8Array
}

/** Algorithm, tag in hex and key in base64, each one token; the lengths are not written. */
export function hostIdentity(title: string): Field<HostIdentity> {
  return fieldOfText<HostIdentity>(title, 'host-identity', {
    read: (reader) => {
      const tagOctets = reader.u8()
      const algorithm = reader.u8()
      const keyOctets = reader.u16()
      return { algorithm, tag: reader.take(tagOctets).slice(), key: reader.take(keyOctets).slice() }
    },
    write: (writer, { algorithm, tag, key }) => {
      writer.u8(tag.length)
      writer.u8(algorithm)
      writer.u16(key.length)
      writer.octets(tag)
      writer.octets(key)
    },
    parse: (lexer) => {
      const algorithm = parseInteger(lexer.word('an algorithm number'), 255)
      const tag = decoded(lexer.word('a host identity tag'), 'hex', hexOctets)
      const key = decoded(lexer.word('a public key'), 'base64', base64Octets)
      if (tag.length > 255) throw new TextError(`expected a tag of at most 255 octets, found ${tag.length}`)
      if (key.length > 0xffff) throw new TextError(`expected a key of at most 65535 octets, found ${key.length}`)
      return { algorithm, tag, key }
    },
    print: ({ algorithm, tag, key }) => `${algorithm} ${hexText(tag)} ${base64Text(key)}`,
    layout: [OP.HOST_IDENTITY, 0],
  })
}
