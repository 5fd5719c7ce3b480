import type { SpectrumDifference } from '../../contract/compare.ts'
import { EngineError } from '../../contract/errors.ts'
import { stepsWithin, type TimeGrid } from '../../contract/grid.ts'
import type { Region } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import {
  createStftColumn,
  stftBins,
  stftBinsWithin,
  stftFloor,
  stftHertz,
  stftHop,
  stftSize,
} from '../../signal/stft.ts'
import { commonOf, movedGrid, pairSteps } from '../analysis/common-steps.ts'
import { createPace } from '../pace.ts'
import type { Opened } from './audio.ts'
import { heardRate, readHeard, type Heard } from './heard.ts'

/** Ten minutes: a difference is held whole before it is pooled. */
const mostFrames = 37_500

interface Side {
  opened: Opened
  region: Region
}
interface Wanted {
  offset: number
  range: Region
  hertz?: readonly [number, number] | undefined
  width: number
  height: number
}

/** The region's frames, each centred on a sample of the region that is a multiple of the hop. */
const gridOf = ({ region }: Heard): TimeGrid => {
  const first = Math.ceil(region[0] / stftHop)
  const count = Math.max(0, Math.ceil(region[1] / stftHop) - first)
  return {
    start: (first * stftHop) / heardRate,
    step: stftHop / heardRate,
    width: stftSize / heardRate,
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
  { offset, range, hertz, width, height }: Wanted,
  signal?: AbortSignal,
): Promise<SpectrumDifference> => {
  const around = { before: stftSize / 2, after: stftSize / 2 }
  const [soundA, soundB] = await Promise.all([
    readHeard(a.opened, a.region, around, signal),
    readHeard(b.opened, b.region, around, signal),
  ])
  const grid = gridOf(soundA)
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
  if (columns[1] - columns[0] > mostFrames)
    throw new EngineError('bad-input', 'a difference of spectrograms is made of ten minutes at most: zoom in')
  const rows: Range = hertz ? stftBinsWithin(heardRate, hertz) : [0, stftBins]
  const data = new Float32Array((rows[1] - rows[0]) * (columns[1] - columns[0])).fill(NaN)
  const [powerA, powerB] = [framePower(soundA), framePower(soundB)]
  const first = Math.round(grid.start * heardRate)
  const pace = createPace(signal)
  for (let step = columns[0]; step < columns[1]; step++) {
    const partner = pairs.partner(step)
    if (partner < 0) continue
    await pace()
    const [inA, inB] = [powerA(first + step * stftHop), powerB(soundB.region[0] + partner)]
    for (let bin = rows[0]; bin < rows[1]; bin++)
      data[(bin - rows[0]) * (columns[1] - columns[0]) + step - columns[0]] = decibels(inA[bin]!) - decibels(inB[bin]!)
  }
  const valid = { rows: stftBins, columns: pairs.steps[1] }
  return {
    raster: poolToRaster({ data, rows, columns, valid }, { width, height, pool: 'mean' }),
    grid: moved,
    common: commonOf(pairs),
    hertz: stftHertz(heardRate).slice(...rows),
    unit: 'dB',
    title: `STFT ${stftSize}/${stftHop} Hann at 16 kHz`,
  }
}

const decibels = (power: number): number => Math.max(stftFloor, 10 * Math.log10(power))

/** Power per bin of the frame centred on a sample of the recording, in a buffer that is used again. */
const framePower = ({ samples, first }: Heard): ((centre: number) => Float64Array) => {
  const column = createStftColumn()
  // frame 0 of a stretch whose sample 0 is the centre
  return (centre) => column({ offset: first - centre, channels: [samples] }, [0, 1])
}
