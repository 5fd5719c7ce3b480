import type { Stft } from '../../contract/spectrogram.ts'
import type { Range, Raster } from '../../contract/tensor.ts'
import { spectrogram, type FrequencyRows, type Mono } from '../../signal/stft.ts'
import { joinBlocks } from './decode.ts'
import { mono } from '../../signal/mono.ts'
import { createPace } from '../pace.ts'

/** A sliding stretch over a sequence of blocks that begins at sample `start`, its channels averaged as the models hear them. */
const createSlide = (blocks: AsyncIterable<Float32Array[]>, start: number) => {
  const source = blocks[Symbol.asyncIterator]()
  let stretch: Mono = { offset: start, samples: new Float32Array(0) }
  let end = start
  const advance = async ([from, to]: Range): Promise<Mono> => {
    if (end >= to) return stretch
    const rest = stretch.samples.subarray(Math.max(0, from - stretch.offset))
    const offset = end - rest.length
    const kept = rest.length > 0 ? [[rest]] : []
    while (end < to) {
      const { value, done } = await source.next()
      if (done) break
      kept.push([mono(value)])
      end += value[0]?.length ?? 0
    }
    const [samples] = await joinBlocks(kept, 1)
    stretch = { offset, samples: samples ?? new Float32Array(0) }
    return stretch
  }
  return { advance, close: async () => void (await source.return?.()) }
}

/** Frames [start, end) of every column, and the bins of every row. */
export interface Picture {
  stft: Stft
  columns: Range[]
  rows: FrequencyRows
}

/**
 * A spectrogram from blocks that begin at sample `start` and end with the recording or behind what its frames see. Only the
 * samples of a few columns are held at a time, and the event loop is given way to.
 */
export const readSpectrogram = async (
  blocks: AsyncIterable<Float32Array[]>,
  start: number,
  { stft, columns, rows }: Picture,
  signal?: AbortSignal,
): Promise<Raster> => {
  const pace = createPace(signal)
  const slide = createSlide(blocks, start)
  const work = spectrogram(stft, columns, rows)
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
