import type { SpectrogramMap } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Run } from '../../contract/run.ts'
import type { Region } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { readConfigs } from '../models/folder.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'

interface FeaturesInput {
  range: Region
  width: number
  height: number
}

/** The features a run's model was given, as a spectrogram. Throws `bad-input` where they are a waveform. */
export const featuresMap = (
  store: Pick<Store, 'tensor'>,
  run: Run,
  modelFolder: string,
  { range, width, height }: FeaturesInput,
): SpectrogramMap => {
  const { family, preprocessor } = readConfigs(modelFolder)
  const hertz = family.bandHertz(preprocessor)
  if (!hertz) throw new EngineError('bad-input', `${run.model.id} hears the waveform itself: it has no spectrogram`)
  const { shape, axes, data } = store.tensor(run.id, 'features')
  const [mel, frame] = [axes.indexOf('mel'), axes.indexOf('frame')]
  const values = data as Float32Array
  const grid = run.grids.features
  const columns = spanSteps({ unit: 'second', range }, grid, grid.count)
  const rows: Range = [0, shape[mel]!]
  const valid = { rows: rows[1], columns: grid.valid }
  const wanted = { data: bandsByFrames(values, shape, mel, columns), rows, columns, valid }
  const raster = poolToRaster(wanted, { width, height, pool: 'mean' })
  const isLogMel = run.model.family === 'whisper' || run.model.family === 'log-mel'
  return {
    raster,
    grid,
    hertz,
    unit: isLogMel ? 'log10 mel, normalised' : 'log mel, normalised',
    title: `${family.name}'s input: ${isLogMel ? 'log-mel' : 'Kaldi filter bank'} ${shape[mel]} × ${shape[frame]}`,
  }
}

/** The frames of `columns`, [band, frame], from features in either order. */
const bandsByFrames = (values: Float32Array, shape: number[], mel: number, columns: Range): Float32Array => {
  const [bands, width] = [shape[mel]!, shape[1]!]
  const [bandStride, frameStride] = mel === 0 ? [width, 1] : [1, width]
  const count = columns[1] - columns[0]
  const wanted = new Float32Array(bands * count)
  for (let band = 0; band < bands; band++)
    for (let frame = 0; frame < count; frame++)
      wanted[band * count + frame] = values[band * bandStride + (columns[0] + frame) * frameStride]!
  return wanted
}
