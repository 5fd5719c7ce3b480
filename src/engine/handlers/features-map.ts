import type { SpectrogramMap } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Run } from '../../contract/run.ts'
import type { Region } from '../../contract/recording.ts'
import { familyOf } from '../models/families/families.ts'
import { openModel } from '../models/open.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'
import { poolMatrix } from './pool-matrix.ts'

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
  const { preprocessor, config } = openModel(modelFolder)
  const hertz = familyOf(String(config.model_type))?.bandHertz?.(preprocessor)
  const { shape, axes, data } = store.tensor(run.id, 'features')
  const [mel, frame] = [axes.indexOf('mel'), axes.indexOf('frame')]
  if (!hertz || mel < 0)
    throw new EngineError('bad-input', `${run.model.id} hears the waveform itself: it has no spectrogram`)
  const values = data as Float32Array
  const grid = run.grids.features
  const columns = spanSteps({ unit: 'second', range }, grid, grid.count)
  const [rowStride, columnStride] = mel === 0 ? [shape[1]!, 1] : [1, shape[1]!]
  const raster = poolMatrix(
    {
      source: { rows: [0, shape[mel]!], columns },
      at: (row, column) => values[row * rowStride + column * columnStride]!,
      validColumns: grid.valid,
    },
    { width, height },
    'mean',
  )
  const isWhisper = run.model.family === 'whisper'
  return {
    raster,
    grid,
    hertz,
    unit: isWhisper ? 'log10 mel, normalised' : 'log mel, normalised',
    title: `${isWhisper ? "Whisper's input: log-mel" : "AST's input: Kaldi filter bank"} ${shape[mel]} × ${shape[frame]}`,
  }
}
