import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseName } from '../dns/name.ts'
import { startStore } from '../store/client.ts'
import { loadConfig } from './config.ts'
import { ContentsClient } from './contents-client.ts'

test('an order that a bug comes of is answered and told, and the thread goes on', async ({ onTestFinished }) => {
  const directory = mkdtempSync(join(tmpdir(), 'twinzone-contents-'))
  const store = await startStore({ directory })
  const failures: Error[] = []
  const faults: string[] = []
  const data = { settings: loadConfig({ environment: {} }), store: store.connect(), readers: [] }
  const contents = await ContentsClient.start(data, {
    failed: (error) => void failures.push(error),
    fault: (text) => void faults.push(text),
  })
  onTestFinished(async () => {
    await contents.stop()
    await store.close()
    rmSync(directory, { recursive: true })
  })
  const adopt = (number: number, apex: string) =>
    contents.adopt({ number, id: `${number}`.padStart(32, '0'), apex: parseName(apex), overlays: [] })
  const first = await adopt(1, 'one.test.')
  const problem = 'a zone is put into the directory twice'
  expect(await adopt(2, 'one.test.')).toEqual({ handle: undefined, stored: undefined, problem })
  const other = await adopt(3, 'other.test.')
  const adopted = { handle: expect.any(Number) as number, stored: undefined, problem: undefined }
  expect([first, other]).toEqual([adopted, adopted])
  expect(faults).toEqual([expect.stringContaining(problem)])
  expect(failures).toEqual([])
})
