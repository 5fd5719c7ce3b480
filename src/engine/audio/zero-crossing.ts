import { nearestZeroCrossing } from '../../signal/zero-crossing.ts'
import { joinBlocks } from './decode.ts'
import { mono } from '../../signal/mono.ts'
import type { Sounds } from './sounds.ts'

/** farther away an edge is not meant, in seconds */
const reach = 0.01

/** Seconds of the zero crossing of the mix that is nearest to `at`; null where there is none within 10 ms. */
export const zeroCrossing = async (
  sounds: Pick<Sounds, 'region'>,
  id: string,
  at: number,
  signal?: AbortSignal,
): Promise<number | null> => {
  const { recording, frames, blocks } = sounds.region(id, [Math.max(0, at - reach), at + reach], signal)
  if (frames[0] >= frames[1]) return null
  const { rate, channels } = recording
  const found = nearestZeroCrossing(mono(await joinBlocks(blocks, channels)), at * rate - frames[0])
  return found === null ? null : (frames[0] + found) / rate
}
