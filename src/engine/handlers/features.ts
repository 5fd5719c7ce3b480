import { EngineError } from '../../contract/errors.ts'
import type { TimeGrid } from '../../contract/grid.ts'
import type { Run } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { readConfigs } from '../models/folder.ts'
import type { Store } from '../store/store.ts'

/** The features a run's model was given, where they are a spectrogram. */
export interface Features {
  grid: TimeGrid
  bands: number
  /** centre frequency of every band */
  hertz: Float32Array
  unit: 'log10 mel, normalised' | 'log mel, normalised'
  title: string
  /** [band, frame] of the wanted frames */
  read(frames: Range): Float32Array
}

/** Throws `bad-input` where the model hears the waveform itself. */
export const featuresOf = (store: Pick<Store, 'tensor'>, run: Run, modelFolder: string): Features => {
  const { family, preprocessor } = readConfigs(modelFolder)
  const hertz = family.bandHertz(preprocessor)
  if (!hertz) throw new EngineError('bad-input', `${run.model.id} hears the waveform itself: it has no spectrogram`)
  const { shape, axes, data } = store.tensor(run.id, 'features')
  const [mel, frame] = [axes.indexOf('mel'), axes.indexOf('frame')]
  const isLogMel = run.model.family === 'whisper' || run.model.family === 'log-mel'
  return {
    grid: run.grids.features,
    bands: shape[mel]!,
    hertz,
    unit: isLogMel ? 'log10 mel, normalised' : 'log mel, normalised',
    title: `${family.name}'s input: ${isLogMel ? 'log-mel' : 'Kaldi filter bank'} ${shape[mel]} × ${shape[frame]}`,
    read: (frames) => bandsByFrames(data as Float32Array, shape, mel, frames),
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
