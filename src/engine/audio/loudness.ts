import type { Loudness, LoudnessProgress } from '../../contract/loudness.ts'
import { createLoudnessMeter } from '../../signal/loudness.ts'
import { playedChannels } from '../../signal/played.ts'
import { createPace } from '../pace.ts'
import type { SoundRegion } from './sounds.ts'

/** Measured as it is played: a single channel comes from both loudspeakers, and so counts twice. */
export const measureLoudness = async (
  { recording, frames, blocks }: SoundRegion,
  signal: AbortSignal,
  part: (progress: LoudnessProgress) => void,
): Promise<Loudness> => {
  const meter = createLoudnessMeter(recording.rate, 2)
  const pace = createPace(signal)
  const total = (frames[1] - frames[0]) / recording.rate
  let done = 0
  for await (const block of blocks) {
    const [left, right] = playedChannels(block)
    if (!left) continue
    meter.put([left, right ?? left])
    done += left.length / recording.rate
    part({ done, total })
    await pace()
  }
  return { lufs: meter.integrated() }
}
