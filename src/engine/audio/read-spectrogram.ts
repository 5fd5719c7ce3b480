import type { Range, Raster } from '../../contract/tensor.ts'
import { spectrogram, type Stretch } from '../../signal/stft.ts'
import { joinBlocks } from './decode.ts'
import { createPace } from '../pace.ts'

/** A sliding stretch over a sequence of blocks that begins at sample `start`. */
const createSlide = (blocks: AsyncIterable<Float32Array[]>, channels: number, start: number) => {
  const source = blocks[Symbol.asyncIterator]()
  let stretch: Stretch = { offset: start, channels: Array.from({ length: channels }, () => new Float32Array(0)) }
  let end = start
  const advance = async ([from, to]: Range): Promise<Stretch> => {
    if (end >= to) return stretch
    const rest = stretch.channels.map((samples) => samples.subarray(Math.max(0, from - stretch.offset)))
    const length = rest[0]?.length ?? 0
    const offset = end - length
    const kept = length > 0 ? [rest] : []
    while (end < to) {
      const { value, done } = await source.next()
      if (done) break
      kept.push(value)
      end += value[0]?.length ?? 0
    }
    stretch = { offset, channels: await joinBlocks(kept, channels) }
    return stretch
  }
  return { advance, close: async () => void (await source.return?.()) }
}

/**
 * The spectrogram of frames `steps` from blocks that begin at sample `start` and end with the recording or behind what the
 * steps see. Only the samples of a few columns are held at a time, and the event loop is given way to.
 */
export const readSpectrogram = async (
  blocks: AsyncIterable<Float32Array[]>,
  channels: number,
  start: number,
  steps: Range,
  size: { width: number; height: number; bins?: Range | undefined },
  signal?: AbortSignal,
): Promise<Raster> => {
  const pace = createPace(signal)
  const slide = createSlide(blocks, channels, start)
  const work = spectrogram(steps, size.width, size.height, size.bins)
  try {
    let step = work.next()
    while (!step.done) {
      step = work.next(await slide.advance(step.value))
      await pace()
    }
    return step.value
  } finally {
    await slide.close()
  }
}
