import { engine } from '../engine.ts'
import { useSettings } from '../stores/settings.ts'
import { nearestEdge, stepsAt, stepText } from '../timeline/time-text.ts'
import type { Column } from './column.ts'
import { useStepGrid } from './step-grid.ts'

/** Where an edge is drawn to: zero crossings of the mix, or edges of the model's steps. */

export const snaps = ['off', 'zero', 'steps'] as const
export type Snap = (typeof snaps)[number]

export const snapTitles: Record<Snap, string> = {
  off: 'no snap',
  zero: 'zero crossings',
  steps: 'model steps',
}

export interface Snapped {
  seconds: number
  /** what it was drawn to, or why it was not; empty where nothing is to be said */
  how: string
}

const rounded = (seconds: number, digits: number): number => Number(Math.max(0, seconds).toFixed(digits))

export const useSnap = (column: Column): ((seconds: number) => Promise<Snapped>) => {
  const settings = useSettings()
  const grid = useStepGrid(column)
  return async (seconds) => {
    const free = rounded(seconds, 3)
    if (settings.snap === 'steps') {
      if (!grid.value) return { seconds: free, how: 'no steps: the model has not run here' }
      const edge = rounded(nearestEdge(grid.value, seconds), 6)
      return { seconds: edge, how: `step ${stepText(stepsAt(grid.value, edge))}` }
    }
    const recording = column.recording.value
    if (settings.snap === 'off' || !recording) return { seconds: free, how: '' }
    const found = await engine['regions.zeroCrossing']({ recording: recording.id, at: Math.max(0, seconds) })
    if (found === null) return { seconds: free, how: 'no zero crossing within 10 ms' }
    return { seconds: rounded(found, 6), how: 'zero crossing' }
  }
}
