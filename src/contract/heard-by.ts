import { z } from 'zod'
import { query } from './contract.ts'
import type { Recording } from './recording.ts'
import { RegionInput } from './run.ts'
import type { Range } from './tensor.ts'

/**
 * A region as a model hears it (docs/heard-by.md): the samples that runs over its windows are made of, on the recording's own time axis.
 * Calls that answer with sound take it in place of the recording's.
 */
export const HeardBy = z.object({ model: z.string(), region: RegionInput })
export type HeardBy = z.output<typeof HeardBy>

/** Seconds of a region in windows that are heard at once: its samples are held, 40 MB of them. */
export const mostHeard = 600

export interface ModelSound {
  heardBy: HeardBy
  /** the recording but for its rate and its one channel: frames count from its start, and end with the region */
  recording: Recording
  /** of the region in seconds, after clipping; before and behind it there is nothing */
  region: Range
  /** what the model adds behind the region, in seconds of the recording; null for nothing */
  padding: Range | null
  /** the greatest magnitude */
  loudest: number
  /** what was done: "16 kHz, mixed to one channel", "zero mean, unit variance", "padded with 5.2 s of zeros", "3 windows, each by itself" */
  done: string[]
}

export const heardBy = {
  /** refused as a run over the region would be */
  'recordings.heardBy': query<ModelSound>()(z.object({ recording: z.string(), heardBy: HeardBy })),
}
