/** The suites: `unit` beside the code, and those in `test/` that cross floors. */
import { defineConfig } from 'vitest/config'

const suite = (name: string, include: string[], more: object = {}) => ({ test: { name, include, ...more } })

export default defineConfig({
  test: {
    projects: [
      suite('unit', ['src/**/*.test.ts', 'test/*.test.ts', 'test/conformance/**/*.test.ts', 'test/api/**/*.test.ts']),
      suite('simulation', ['test/simulation/**/*.test.ts'], { testTimeout: 600_000 }),
      suite('fuzz', ['test/fuzz/**/*.test.ts'], { testTimeout: 7_200_000 }),
      suite('hostile', ['test/hostile/**/*.test.ts'], { testTimeout: 60_000 }),
      suite('server', ['test/server/**/*.test.ts'], {
        testTimeout: 60_000,
        sequence: { concurrent: true },
        maxConcurrency: 4,
      }),
      suite('crash', ['test/crash/**/*.test.ts'], { testTimeout: 1_200_000 }),
      suite('interop', ['test/interop/**/*.test.ts'], {
        testTimeout: 300_000,
        hookTimeout: 120_000,
        fileParallelism: false,
      }),
    ],
  },
})
