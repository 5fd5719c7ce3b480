import { stepCount } from '../../contract/grid.ts'
import type { Recording, Region } from '../../contract/recording.ts'
import type { RunOptions } from '../../contract/run.ts'
import { parseTap, type Tap } from '../../contract/tap.ts'
import { checkRegion, clipRange } from '../audio/clip.ts'
import { modelRate } from '../models/families/config-number.ts'
import { familyById } from '../models/families/families.ts'
import type { Model } from '../models/model.ts'
import { headsOf, rangeWithin, type AttentionLimits } from './array-source.ts'

/** What is known of attention maps before anything runs. */
export interface AttentionSize {
  encoder: { heads: number; steps: number }
  /** `tokens` is the most there can be, unless they are given */
  decoder?: { heads: number; tokens: number }
}

/** Throws `bad-region` as a run would. */
export const attentionSize = (
  { card, config, preprocessor }: Model,
  recording: Recording,
  region: Region,
  { tokens }: RunOptions,
): AttentionSize => {
  const checked = checkRegion(recording, region).region
  const [start, end] = clipRange(recording, checked, modelRate(preprocessor))
  const { decoder, ...family } = familyById[card.family]
  const grids = family.grids(end - start, checked[0], preprocessor, config)
  const most = decoder && config[decoder.positions]
  return {
    encoder: { heads: card.encoder.heads, steps: stepCount(grids.encoder) },
    ...(card.decoder && {
      decoder: {
        heads: card.decoder.heads,
        tokens: tokens?.length ?? (typeof most === 'number' ? most : Infinity),
      },
    }),
  }
}

/** Throws `bad-input` for heads, rows or keys that one of the `taps` cannot have. */
export const checkLimits = (taps: readonly string[], size: AttentionSize, limits: AttentionLimits): void => {
  for (const name of taps) {
    const shape = shapeOf(parseTap(name), size)
    if (!shape) continue
    headsOf(name, limits.heads, shape[0])
    if (limits.rows) rangeWithin(name, 'rows', limits.rows, shape[1])
    if (limits.keys) rangeWithin(name, 'keys', limits.keys, shape[2])
  }
}

/** [heads, rows, keys]; null for what is not attention. */
const shapeOf = (tap: Tap | undefined, { encoder, decoder }: AttentionSize): [number, number, number] | null => {
  if (tap?.kind === 'cross') return decoder ? [decoder.heads, decoder.tokens, encoder.steps] : null
  if (tap?.kind !== 'attention') return null
  if (tap.side === 'encoder') return [encoder.heads, encoder.steps, encoder.steps]
  return decoder ? [decoder.heads, decoder.tokens, decoder.tokens] : null
}
