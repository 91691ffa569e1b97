/** Filters of record lists that look at a text: `name=…`, `content.contains=…`, `comment.startswith=…`. */

import Type from 'typebox'

const OPERATORS = ['exact', 'contains', 'startswith', 'endswith'] as const

export type TextOperator = (typeof OPERATORS)[number]

/** What a query asks of one member: an operator and a value each. Plain is exact. */
export function textFilters(
  query: Readonly<Record<string, unknown>>,
  member: string,
): readonly (readonly [TextOperator, string])[] {
  const given = OPERATORS.map((operator) => [operator, query[`${member}.${operator}`]] as const)
  const plain = ['exact', query[member]] as const
  return [plain, ...given].filter((each): each is [TextOperator, string] => typeof each[1] === 'string')
}

/** Whether a text passes; both are in the case in which they are to be compared. */
export function holds(operator: TextOperator, text: string, value: string): boolean {
  switch (operator) {
    case 'exact':
      return text === value
    case 'contains':
      return text.includes(value)
    case 'startswith':
      return text.startsWith(value)
    case 'endswith':
      return text.endsWith(value)
    default:
      return operator satisfies never
  }
}

const Text = Type.Optional(Type.String())

/** Query parameters of one member. */
export const textParameters = <Member extends string>(member: Member) =>
  ({
    [member]: Text,
    ...Object.fromEntries(OPERATORS.map((operator) => [`${member}.${operator}`, Text])),
  }) as { readonly [Key in Member | `${Member}.${TextOperator}`]: typeof Text }
