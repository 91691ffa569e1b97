/** Names as people write them: U-labels outside, A-labels inside (RFC 5890 §2.3.2.1). */

import { domainToASCII, domainToUnicode } from 'node:url'

/** Characters that count as a dot in a name that people type (UTS 46 §2.3). */
const DOTS = /[\u3002\uff0e\uff61]/g

// eslint-disable-next-line no-control-regex -- the range of ASCII is what is meant
const ASCII = /^[\x00-\x7f]*$/

/** The name in A-labels. A label that has none stays as it is: whoever reads the name next will refuse it. */
export function toAscii(name: string): string {
  if (ASCII.test(name)) return name
  return name.replaceAll(DOTS, '.').split('.').map(labelToAscii).join('.')
}

/** One label at a time: as a whole, names are read like hosts of URLs, and some labels of DNS are no such hosts. */
function labelToAscii(label: string): string {
  if (ASCII.test(label)) return label
  const ascii = domainToASCII(label)
  return ascii === '' || ascii.includes('.') ? label : ascii
}

/** The name in U-labels, as far as there are any. */
export function toUnicode(name: string): string {
  if (!name.includes('xn--')) return name
  return name
    .split('.')
    .map((label) => (label.startsWith('xn--') ? domainToUnicode(label) || label : label))
    .join('.')
}
