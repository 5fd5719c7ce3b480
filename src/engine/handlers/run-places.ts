import type { JobInput } from '../../contract/inference.ts'
import type { Run } from '../../contract/run.ts'
import type { EngineParts } from '../parts.ts'
import { runGone } from '../store/run-gone.ts'

type Place = Pick<JobInput, 'modelFolder' | 'modelVariant'>

/** Runs by their ids, and where their models lie: the id of one may be a folder's that only this process knows. */
export const createRunPlaces = ({ store, models }: Pick<EngineParts, 'store' | 'models'>) => {
  const places = new Map<string, Place>()
  const run = (id: string): Run => {
    const found = store.findRun(id)
    if (!found) throw runGone(id)
    return found
  }
  return {
    run,
    remember: (id: string, { modelFolder, modelVariant }: Place): void => {
      places.set(id, { modelFolder, modelVariant })
    },
    of: (id: string): Place => {
      const known = places.get(id)
      if (known) return known
      const { model } = run(id)
      return { modelFolder: models.find(model.id).folder, modelVariant: model.variant }
    },
  }
}
