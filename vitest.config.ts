/** The suites: `unit` beside the code, and those in `test/` that cross floors. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Worker threads and the server itself strip the types of every file they load, once per start: a cache spares them that.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/twinzone', import.meta.url))

const suite = (name: string, include: string[], more: object = {}) => ({ test: { name, include, ...more } })

export default defineConfig({
  test: {
    projects: [
      // Files that share a worker share modules as well: what is tested here is pure, or closes what it opens.
      suite('unit', ['src/**/*.test.ts', 'bench/*.test.ts', 'test/*.test.ts', 'test/conformance/**/*.test.ts'], {
        isolate: false,
        testTimeout: process.env['TWINZONE_THOROUGH'] === '1' ? 3_600_000 : 120_000,
      }),
      suite('api', ['test/api/**/*.test.ts'], { isolate: false, testTimeout: 120_000 }),
      suite('simulation', ['test/simulation/**/*.test.ts'], { testTimeout: 600_000 }),
      suite('fuzz', ['test/fuzz/**/*.test.ts'], { testTimeout: 7_200_000 }),
      suite('hostile', ['test/hostile/**/*.test.ts'], { testTimeout: 60_000 }),
      suite('server', ['test/server/**/*.test.ts'], {
        testTimeout: 60_000,
        sequence: { concurrent: true },
        maxConcurrency: 4,
      }),
      suite('clients', ['test/clients/**/*.test.ts'], { testTimeout: 120_000, fileParallelism: false }),
      suite('crash', ['test/crash/**/*.test.ts'], {
        testTimeout: process.env['TWINZONE_KILLS'] === undefined ? 1_200_000 : 14_400_000,
      }),
      suite('interop', ['test/interop/**/*.test.ts'], {
        testTimeout: 300_000,
        hookTimeout: 120_000,
        fileParallelism: false,
      }),
    ],
  },
})
