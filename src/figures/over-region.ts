import type { Run } from '../contract/run.ts'
import type { Range } from '../contract/tensor.ts'
import type { HeardWindow } from '../contract/windows.ts'

/** What the windows show together. */
export const regionOf = (windows: readonly HeardWindow[]): Range => [
  windows[0]!.window.shown[0],
  windows.at(-1)!.window.shown[1],
]

/** The windows' runs as those of the whole region, so that what is said of them is said once. */
export const overRegion = (windows: readonly HeardWindow[]): Run[] =>
  windows.map(({ run }) => (windows.length === 1 ? run : { ...run, region: regionOf(windows) }))
