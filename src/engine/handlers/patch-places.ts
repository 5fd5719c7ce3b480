import { EngineError } from '../../contract/errors.ts'
import { framesOf, isPatchGrid } from '../../contract/grid.ts'
import type { AttentionPatches, PatchWeights } from '../../contract/patches.ts'
import type { Run } from '../../contract/run.ts'
import { readConfigs } from '../models/folder.ts'

/**
 * Where the patches of a run lie on its features, from the model's configs: a run of before grids had bands' bins is placed, too. Throws
 * `bad-input` where the model hears no patches.
 */
export const patchPlaces = (run: Run, modelFolder: string): Omit<AttentionPatches, keyof PatchWeights> => {
  const grid = run.grids.encoder
  const { family, preprocessor, config } = readConfigs(modelFolder)
  const { features, encoder } = family.grids(run.samples, run.region[0], preprocessor, config)
  const hertz = family.bandHertz(preprocessor)
  if (!isPatchGrid(grid) || !isPatchGrid(encoder) || !hertz)
    throw new EngineError('bad-input', `${run.model.id} hears no patches in time and frequency`)
  if (!encoder.mel)
    throw new EngineError(
      'bad-model',
      `where the patches of ${run.model.id} lie in frequency was not kept when it was imported: import it again with --input`,
    )
  return { grid, bins: encoder.mel, frames: framesOf(encoder, features), features: run.grids.features, hertz }
}
