/** What the simulation runs: the machine of the project, or one that was broken on purpose. */

import { newSecondary, step, wakeAt } from '../../src/protocol/refresh.ts'
import type { RefreshEvent, Secondary, Step } from '../../src/protocol/refresh-state.ts'

export interface Machine {
  readonly create: typeof newSecondary
  step(zone: Secondary, event: RefreshEvent, now: number, roll: number): Step
  wakeAt(zone: Secondary): number
}

export const ours: Machine = { create: newSecondary, step, wakeAt }
