import type { SpectrogramMap } from '../../contract/engine.ts'
import type { Run } from '../../contract/run.ts'
import type { Region } from '../../contract/recording.ts'
import type { Range } from '../../contract/tensor.ts'
import { poolToRaster } from '../../signal/reduce.ts'
import { spanSteps } from '../span.ts'
import type { Store } from '../store/store.ts'
import { featuresOf } from './features.ts'

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
  const { grid, bands, hertz, unit, title, read } = featuresOf(store, run, modelFolder)
  const columns = spanSteps({ unit: 'second', range }, grid, grid.count)
  const rows: Range = [0, bands]
  const wanted = { data: read(columns), rows, columns, valid: { rows: bands, columns: grid.valid } }
  return { raster: poolToRaster(wanted, { width, height, pool: 'mean' }), grid, hertz, unit, title }
}
