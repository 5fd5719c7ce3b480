import { z } from 'zod'
import { query, stream, topic } from './contract.ts'
import { RegionInput } from './run.ts'

/** Named stretches of a recording, as a person marked them or a file brought them (docs/regions.md). */

const Hertz = z.number().nonnegative().nullable()
const text = (most: number) => z.string().max(most)

/** the longest name that is kept, in characters */
export const longestName = 1000

export const NamedRegion = z.object({
  id: text(100).min(1),
  /** seconds; a mark has both equal */
  start: z.number().nonnegative(),
  end: z.number().nonnegative(),
  /** text, never markup */
  name: text(longestName),
  /** where it lies in frequency, if somebody said so */
  low: Hertz,
  high: Hertz,
  /** further columns of the table it came from, as [header, cell]: written again, and not read */
  more: z.array(z.tuple([text(1000), text(10_000)])),
})
export type NamedRegion = z.output<typeof NamedRegion>

/** A region as a file has it. */
export type RegionRow = Omit<NamedRegion, 'id'>

/** A stretch in which something sounds, proposed by the detector; seconds. */
export interface ProposedRegion {
  start: number
  end: number
}

/** seconds */
export interface ProposeProgress {
  done: number
  total: number
}

export const ProposeQuery = z.object({
  recording: z.string(),
  range: RegionInput,
  /** 0: only what stands out most, 1: whatever changes */
  sensitivity: z.number().min(0).max(1),
  /** shorter ones are left out */
  leastSeconds: z.number().nonnegative(),
})

/** A list of regions was changed; `by`: what the page that did it calls itself. */
export interface RegionsChange {
  recording: string
  by: string
}

export const regions = {
  /** sorted by start; also of recordings that are not open */
  'regions.list': query<NamedRegion[]>()(z.object({ recording: z.string() })),
  /** puts some in place of those with the same id, and removes others */
  'regions.change': query<null>()(
    z.object({
      recording: z.string(),
      put: z.array(NamedRegion).max(10_000),
      remove: z.array(z.string()).max(10_000),
      by: text(100).default(''),
    }),
  ),
  'regions.changed': topic<RegionsChange>(),
  /** seconds of the zero crossing of the mix that is nearest to a moment, within 10 ms; null for none */
  'regions.zeroCrossing': query<number | null>()(z.object({ recording: z.string(), at: z.number().nonnegative() })),
  'regions.propose': stream<ProposeProgress, ProposedRegion[]>()(ProposeQuery),
}
