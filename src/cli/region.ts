import type { Recording } from '../contract/recording.ts'
import type { Range } from '../contract/tensor.ts'

/** What is analysed unless said otherwise: the first 5 s, or the whole of a shorter recording. */
export const defaultRegion = (recording: Recording): Range => [0, Math.min(5, recording.seconds)]
