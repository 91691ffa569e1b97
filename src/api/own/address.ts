/** Where a peer is, as people write it. */

const DNS_PORT = 53

/** Empty for a peer without an address. */
export function addressOf(ip: string, port: number): string {
  if (ip === '') return ''
  return `${ip.includes(':') ? `[${ip}]` : ip}:${port === 0 ? DNS_PORT : port}`
}
