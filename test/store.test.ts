import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStore, type StoreThread } from '../src/store/client.ts'
import { MemoryStore } from '../src/store/memory.ts'
import { openSqliteStore } from '../src/store/sqlite-store.ts'
import type { Store } from '../src/store/store.ts'
import { storeContract, type Disk } from './store.contract.ts'

storeContract('memory', async () => {
  const store = new MemoryStore()
  return { open: async () => store.reopen(), remove: async () => {} }
})

storeContract('sqlite', () => onDisk(async (directory) => openSqliteStore({ directory })))

storeContract('threaded sqlite', async () => {
  let thread: StoreThread | undefined
  const disk = await onDisk(async (directory) => {
    await thread?.close()
    thread = await startStore({ directory })
    return thread.store
  })
  return {
    ...disk,
    async remove() {
      await thread?.close()
      await disk.remove()
    },
  }
})

async function onDisk(open: (directory: string) => Promise<Store>): Promise<Disk> {
  const directory = mkdtempSync(join(tmpdir(), 'twinzone-store-'))
  return { open: () => open(directory), remove: async () => rmSync(directory, { recursive: true }) }
}
