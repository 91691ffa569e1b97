/** The scripted primary, judged by a foreign client: what it says honestly must be right, or its lies prove nothing. */

import { afterEach, describe, expect, test } from 'vitest'
import { askSerial } from '../interop/ask.ts'
import { pullZone } from '../interop/compare.ts'
import { peerMissing } from '../interop/peers/peer.ts'
import { soaRecord, txtRecord } from './message.ts'
import { honest, ScriptedPrimary, smallZone } from './primary.ts'
import type { Line } from './primary.ts'
import { newKey } from './scene.ts'

const APEX = 'honest.test.'
const key = newKey()
const records = [
  ...smallZone(APEX, 5),
  ...Array.from({ length: 3000 }, (_, at) => txtRecord(`t${at}.${APEX}`, `text ${at}`)),
]
const script = honest(APEX, () => ({ serial: 5, records }))

const running: ScriptedPrimary[] = []
afterEach(() => Promise.all(running.splice(0).map((one) => one.remove())))

async function start(...options: Parameters<typeof ScriptedPrimary.start>): Promise<ScriptedPrimary> {
  const primary = await ScriptedPrimary.start(...options)
  running.push(primary)
  return primary
}

describe.skipIf(peerMissing('bind') !== undefined)('an honest script', () => {
  test('is answered for, plain and signed over many messages', async () => {
    const primary = await start(script, { key })
    expect(await askSerial(primary.endpoint, APEX)).toBe(5)
    expect(await pullZone({ endpoint: primary.endpoint }, APEX)).toHaveLength(3004)
    expect(await pullZone({ endpoint: primary.endpoint, key }, APEX)).toHaveLength(3004)
  })

  test('with messages left unsigned in between is verified all the same', async () => {
    const axfr = (line: Line): void => {
      line.answer({ answer: [soaRecord(APEX, 5), ...records.slice(0, 3)] })
      for (const one of records.slice(3, 90))
        line.send(line.signature?.skip(line.make({ answer: [one] })) ?? Buffer.alloc(0))
      line.answer({ answer: [soaRecord(APEX, 5)] })
    }
    const primary = await start({ ...script, axfr }, { key })
    expect(await pullZone({ endpoint: primary.endpoint, key }, APEX)).toHaveLength(91)
  })

  test('with a forged message is not believed', async () => {
    const axfr = (line: Line): void => {
      line.answer({ answer: [soaRecord(APEX, 5), ...records.slice(0, 3)] })
      line.answer({ answer: [soaRecord(APEX, 5)] }, { mac: (mac) => Buffer.from(mac).fill(0) })
    }
    const primary = await start({ ...script, axfr }, { key })
    await expect(pullZone({ endpoint: primary.endpoint, key }, APEX)).rejects.toThrow()
  })
})
