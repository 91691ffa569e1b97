/** The internet as a scan sees it. */

import { newMessage, type DnsRecord } from '../../src/dns/message.ts'
import { parseName, printName, sameName, type Name } from '../../src/dns/name.ts'
import { parseZoneFile } from '../../src/dns/zonefile/parser.ts'
import type { ScanResolver } from '../../src/engine/zone-scan.ts'

const CNAME = 5

/** A world whose one server, 192.0.2.53, answers from a master file. */
export class FakeInternet implements ScanResolver {
  readonly asked: string[] = []
  readonly #records: readonly DnsRecord[]

  constructor(text: string) {
    const root = parseName('.')
    this.#records = [...parseZoneFile(text, { origin: root, defaultTtl: 300 })].flatMap((item) =>
      item.type === 'record' ? [item.record] : [],
    )
  }

  async resolve({ name, type }: { name: Name; type: number }) {
    const rdatas = this.#find(name, type).map(({ rdata }) => rdata)
    return rdatas.length === 0 ? ({ type: 'no data' } as const) : ({ type: 'found', rdatas } as const)
  }

  async askServer({ address, port }: { address: string; port: number }, { name, type }: { name: Name; type: number }) {
    if (address !== '192.0.2.53') return 'no answer to 3 tries'
    this.asked.push(`${printName(name)} ${type} ${port}`)
    return newMessage({ id: 1, answer: this.#find(name, type) })
  }

  #find(name: Name, type: number): DnsRecord[] {
    const own = this.#records.filter(({ owner }) => sameName(owner, name))
    const wildcard = this.#records.filter(({ owner }) => printName(owner) === '*.example.org.')
    const there = own.length > 0 || !printName(name).endsWith('.example.org.') ? own : wildcard
    return there
      .filter((record) => record.type === type || record.type === CNAME)
      .map((record) => ({ ...record, owner: name }))
  }
}
