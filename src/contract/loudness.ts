import { z } from 'zod'
import { stream } from './contract.ts'
import { HeardBy } from './heard-by.ts'
import { RegionInput } from './run.ts'

/** How loud a stretch of a recording is, so that two can be brought to one level. */
export interface Loudness {
  /** integrated loudness after ITU-R BS.1770 of what both loudspeakers are given; null for silence and for less than 0.4 s */
  lufs: number | null
}

/** seconds */
export interface LoudnessProgress {
  done: number
  total: number
}

export const loudness = {
  'recordings.loudness': stream<LoudnessProgress, Loudness>()(
    z.object({ recording: z.string(), region: RegionInput, heardBy: HeardBy.optional() }),
  ),
}
