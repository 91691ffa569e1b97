/** The field of SVCB and HTTPS that holds all SvcParams (RFC 9460 §2). */

import { type Field, fieldOfText } from './field.ts'
import { OP } from './layout-program.ts'
import { type SvcParam, parseSvcParam, printSvcParam } from './svcparams.ts'
import { TextError } from './text.ts'

/** How JSON Schema calls them. */
export const PARAMETERS_FORMAT = 'svc-params'

/** Parameters up to the end of the RDATA. Text may have them in any order, but each once. */
export function svcParams(title: string): Field<readonly SvcParam[]> {
  return fieldOfText(title, PARAMETERS_FORMAT, {
    read: (reader) => {
      const params: SvcParam[] = []
      while (reader.remaining > 0) params.push({ key: reader.u16(), value: reader.take(reader.u16()).slice() })
      return params
    },
    write: (writer, params) => {
      for (const { key, value } of params.toSorted((a, b) => a.key - b.key)) {
        if (value.length > 0xffff) throw new TextError('SvcParam value of more than 65535 octets')
        writer.u16(key)
        writer.u16(value.length)
        writer.octets(value)
      }
    },
    parse: (lexer) => {
      const params: SvcParam[] = []
      while (lexer.more()) params.push(parseSvcParam(lexer.word('a SvcParam')))
      return params
    },
    print: (params) => params.map(printSvcParam).join(' '),
    layout: [OP.SVC_PARAMS, 0],
  })
}
