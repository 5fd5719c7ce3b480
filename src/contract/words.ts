import { z } from 'zod'
import type { TimeGrid } from './grid.ts'
import type { AlignmentRows } from './model.ts'
import { RegionInput } from './run.ts'
import type { Range, Raster } from './tensor.ts'

/** What a model wrote, on the time axis (docs/words.md). */

export const WordsQuery = z.object({ run: z.string() })

export interface WordCard {
  /** without spaces at its edges */
  text: string
  /** seconds of the recording */
  start: number
  end: number
  /** mean over its tokens; null where all of them were forced */
  probability: number | null
  /** half-open range of its tokens */
  tokens: Range
}

/** When words were said, by dynamic time warping of the cross-attention of the alignment heads. */
export interface Words {
  words: WordCard[]
  /** of every token of the run its stretch in seconds of the recording; null for the prompt and special tokens, which have none */
  tokens: (Range | null)[]
  /** [layer, head] of the heads */
  heads: [layer: number, head: number][]
  rows: AlignmentRows
}

export const ScoresQuery = z.object({
  /** one, or windows of one region in order; `shown` is the part that stands for the recording there, all where it is left out */
  runs: z.array(z.object({ run: z.string(), shown: RegionInput.optional() })).min(1),
  range: RegionInput,
  width: z.number().int().min(1).max(4096),
  /** most symbols that are wanted, blank included: those that win most often are kept */
  symbols: z.number().int().min(2).max(256),
})

/** rows: symbols that win at some step of what the runs show, in the order of `symbols`; columns: steps; values: softmax, 0 … 1 */
export interface ScoreMap {
  /** of every run that shows something of the range, and where its columns lie */
  maps: { raster: Raster; grid: TimeGrid }[]
  /** by their text, blank last */
  symbols: { id: number; text: string; blank: boolean }[]
  /** symbols that win somewhere and were left out */
  left: number
}
