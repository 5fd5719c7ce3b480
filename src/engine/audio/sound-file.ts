import type { FileAnswer } from '../../contract/file-answer.ts'
import { startWav } from '../../formats/wav.ts'
import { createPace } from '../pace.ts'
import type { SoundRegion } from './sounds.ts'

/** A stretch of sound as a 16-bit WAV file, made in slices. */
export const soundFile = async (
  { recording, frames, blocks }: SoundRegion,
  signal?: AbortSignal,
): Promise<FileAnswer> => {
  const { name, rate, channels } = recording
  const file = startWav({ rate, channels, frames: frames[1] - frames[0] })
  const pace = createPace(signal)
  let first = 0
  for await (const block of blocks) {
    file.put(block, first)
    first += block[0]?.length ?? 0
    await pace()
  }
  return { name: `${name}.wav`, mime: 'audio/wav', bytes: file.bytes }
}
