import type { SpectrumDifference } from '../../contract/compare.ts'
import { EngineError } from '../../contract/errors.ts'
import { stepsWithin, type TimeGrid } from '../../contract/grid.ts'
import type { Region } from '../../contract/recording.ts'
import type { Stft } from '../../contract/spectrogram.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { frequencyRows } from '../../signal/frequency-rows.ts'
import { createStft, decibels, fillFrame, stftBins, stftTitle } from '../../signal/stft.ts'
import { commonOf, movedGrid, pairSteps } from '../analysis/common-steps.ts'
import { createPace } from '../pace.ts'
import type { Opened } from './audio.ts'
import { heardRate, readHeard, type Heard } from './heard.ts'

/** A difference is held whole before it is pooled: ten minutes of 1024/256. */
const mostValues = 37_500 * stftBins(1024)

interface Side {
  opened: Opened
  region: Region
}
interface Wanted {
  offset: number
  range: Region
  hertz?: readonly [number, number] | undefined
  stft: Stft
  width: number
  height: number
}

/** The region's frames, each centred on a sample of the region that is a multiple of the hop. */
const gridOf = ({ region }: Heard, { size, hop }: Stft): TimeGrid => {
  const first = Math.ceil(region[0] / hop)
  const count = Math.max(0, Math.ceil(region[1] / hop) - first)
  return {
    start: (first * hop) / heardRate,
    step: hop / heardRate,
    width: size / heardRate,
    count,
    valid: count,
  }
}

/**
 * Decibels of A less those of B, frame by frame: both mono at 16 kHz, so that rates and channels do not matter, and B's frame lies where
 * A's does, to a sample, not on B's own grid.
 */
export const spectrogramDifference = async (
  a: Side,
  b: Side,
  { offset, range, hertz, width: pixels, height, stft }: Wanted,
  signal?: AbortSignal,
): Promise<SpectrumDifference> => {
  const around = { before: stft.size / 2, after: stft.size / 2 }
  const [soundA, soundB] = await Promise.all([
    readHeard(a.opened, a.region, around, signal),
    readHeard(b.opened, b.region, around, signal),
  ])
  const grid = gridOf(soundA, stft)
  const count = soundB.region[1] - soundB.region[0]
  // a frame of B may lie on any sample
  const samplesOfB: TimeGrid = {
    start: soundB.region[0] / heardRate,
    step: 1 / heardRate,
    width: 0,
    count,
    valid: count,
  }
  const pairs = pairSteps(grid, samplesOfB, offset)
  const moved = movedGrid(grid, offset)
  const columns = stepsWithin(moved, range)
  const rows = frequencyRows(stft, heardRate, height, hertz)
  const width = columns[1] - columns[0]
  // rows of one bin are pooled with the columns, others as they are made
  const bins = stft.scale === 'linear' ? binsOf(rows.source) : rows.bins
  if (bins.length * (columns[1] - columns[0]) > mostValues)
    throw new EngineError('bad-input', 'this is too long for a difference of spectrograms: zoom in')
  const data = new Float32Array(bins.length * width).fill(NaN)
  const four = createStft(stft)
  const [frameA, frameB] = four.frames as [Float32Array, Float32Array]
  const [powerA, powerB] = four.powers as [Float32Array, Float32Array]
  const first = Math.round(grid.start * heardRate) - stft.size / 2
  const pace = createPace(signal)
  for (let step = columns[0]; step < columns[1]; step++) {
    const partner = pairs.partner(step)
    if (partner < 0) continue
    await pace()
    fillFrame(frameA, soundA.samples, first + step * stft.hop - soundA.first)
    fillFrame(frameB, soundB.samples, soundB.region[0] + partner - stft.size / 2 - soundB.first)
    four.run()
    for (const [row, range] of bins.entries())
      data[row * width + step - columns[0]] = meanDifference(powerA, powerB, range)
  }
  const valid = { rows: rows.source[1], columns: pairs.steps[1] }
  return {
    raster: poolToRaster({ data, rows: rows.source, columns, valid }, { width: pixels, height, pool: 'mean' }),
    grid: moved,
    common: commonOf(pairs),
    hertz: rows.hertz,
    unit: 'dB',
    title: `${stftTitle(stft)} at 16 kHz`,
  }
}

const binsOf = ([start, end]: Range): Range[] =>
  Array.from({ length: end - start }, (_, i): Range => [start + i, start + i + 1])

/** Mean over a row's bins of A's decibels less B's. */
const meanDifference = (inA: Float32Array, inB: Float32Array, [start, end]: Range): number => {
  let sum = 0
  for (let bin = start; bin < end; bin++) sum += decibels(inA[bin]!) - decibels(inB[bin]!)
  return sum / (end - start)
}
