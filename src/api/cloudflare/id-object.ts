/** What is left of an object that was deleted. */

import Type from 'typebox'

export const IdObject = Type.Object({ id: Type.String() })
