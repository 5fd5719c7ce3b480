import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { Run } from '../../contract/run.ts'
import { runOnDevice } from '../devices/run-job.ts'
import { admitRun, estimate } from '../estimate/estimate.ts'
import { saveTap } from '../export/save-tap.ts'
import { featuresMap } from './features-map.ts'
import { hiddenMap } from './hidden-map.ts'
import { scoreMap } from './score-map.ts'
import type { EngineParts } from '../parts.ts'
import { named, planRun, storedRun } from '../run-plan.ts'

type Name =
  | 'runs.estimate'
  | 'runs.start'
  | 'runs.find'
  | 'runs.features'
  | 'runs.hidden'
  | 'runs.layerSimilarity'
  | 'runs.trajectory'
  | 'runs.attention'
  | 'runs.attentionLine'
  | 'runs.attentionMetrics'
  | 'runs.words'
  | 'runs.scores'
  | 'runs.save'

type Place = Pick<JobInput, 'modelFolder' | 'modelVariant'>

const placeIn = ({ modelFolder, modelVariant }: Place): Place => ({ modelFolder, modelVariant })

export const runHandlers = (parts: EngineParts): Pick<EngineHandlers, Name> => {
  const { store, models, processes, devices } = parts
  /** where the model of a run lies: its id may be a folder's that only this process knows */
  const places = new Map<string, Place>()
  const runOf = (id: string): Run => {
    const run = store.findRun(id)
    if (!run) throw new EngineError('not-found', 'this run is no longer in the store: run the model again')
    return run
  }
  const placeOf = (id: string): Place => {
    const known = places.get(id)
    if (known) return known
    const { model } = runOf(id)
    return { modelFolder: models.find(model.id).folder, modelVariant: model.variant }
  }

  return {
    'runs.estimate': async (input) => estimate(parts, await planRun(parts, input)),
    'runs.start': async (input, { signal, part }) => {
      const plan = await planRun(parts, input)
      const { job, card, warnings } = plan
      places.set(job.id, placeIn(job))
      const stored = storedRun(parts, plan)
      if (stored) return stored
      const memory = await admitRun(parts, plan)
      const onDevice = await devices.places(job.device)
      const run = await runOnDevice(parts, { ...job, ...onDevice, memory }, { signal, onPart: part })
      return named(run, job, card, warnings)
    },
    'runs.find': async (input) => {
      const plan = await planRun(parts, input)
      places.set(plan.job.id, placeIn(plan.job))
      return storedRun(parts, plan)
    },
    'runs.features': (input) => featuresMap(store, runOf(input.run), placeOf(input.run).modelFolder, input),
    'runs.hidden': (input) => hiddenMap(store, runOf(input.run), input),
    'runs.layerSimilarity': (input, { signal }) => processes.queries.layerSimilarity(input, { signal }),
    'runs.trajectory': (input, { signal }) => processes.queries.trajectory(input, { signal }),
    'runs.attention': (input, { signal }) =>
      processes.queries.attention({ ...input, ...placeOf(input.run) }, { signal }),
    'runs.attentionLine': (input, { signal }) =>
      processes.queries.attentionLine({ ...input, ...placeOf(input.run) }, { signal }),
    'runs.attentionMetrics': (input, { signal, part }) =>
      processes.queries.attentionMetrics({ ...input, ...placeOf(input.run) }, { signal, onPart: part }),
    'runs.words': (input, { signal }) => processes.queries.words({ ...input, ...placeOf(input.run) }, { signal }),
    'runs.scores': (input) => scoreMap(store, runOf(input.run), placeOf(input.run).modelFolder, input),
    'runs.save': (input, { signal }) =>
      saveTap(
        { store, queries: processes.queries, modelFolder: placeOf(input.run).modelFolder },
        runOf(input.run),
        input,
        signal,
      ),
  }
}
