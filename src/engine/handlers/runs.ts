import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Run } from '../../contract/run.ts'
import { runOnDevice } from '../devices/run-job.ts'
import { admitRun, estimateMemory } from '../estimate/estimate-memory.ts'
import { saveTap } from '../export/save-tap.ts'
import { featuresMap } from './features-map.ts'
import { hiddenMap } from './hidden-map.ts'
import type { EngineParts } from '../parts.ts'
import { named, planRun, storedRun } from '../run-plan.ts'

type Name =
  | 'runs.estimate'
  | 'runs.start'
  | 'runs.find'
  | 'runs.features'
  | 'runs.hidden'
  | 'runs.attention'
  | 'runs.attentionLine'
  | 'runs.save'

export const runHandlers = (parts: EngineParts): Pick<EngineHandlers, Name> => {
  const { store, models, processes, devices } = parts
  /** where the model of a run lies: its id may be a folder's that only this process knows */
  const folders = new Map<string, string>()
  const runOf = (id: string): Run => {
    const run = store.findRun(id)
    if (!run) throw new EngineError('not-found', 'this run is no longer in the store: run the model again')
    return run
  }
  const folderOf = (id: string): string => folders.get(id) ?? models.find(runOf(id).model.id).folder

  return {
    'runs.estimate': async (input) => estimateMemory(parts, await planRun(parts, input)),
    'runs.start': async (input, { signal, part }) => {
      const plan = await planRun(parts, input)
      const { job, card, warnings } = plan
      folders.set(job.id, job.modelFolder)
      const stored = storedRun(parts, plan)
      if (stored) return stored
      const memory = await admitRun(parts, plan)
      const places = await devices.places(job.device)
      const run = await runOnDevice(parts, { ...job, ...places, memory }, { signal, onPart: part })
      return named(run, job, card, warnings)
    },
    'runs.find': async (input) => {
      const plan = await planRun(parts, input)
      folders.set(plan.job.id, plan.job.modelFolder)
      return storedRun(parts, plan)
    },
    'runs.features': (input) => featuresMap(store, runOf(input.run), folderOf(input.run), input),
    'runs.hidden': (input) => hiddenMap(store, runOf(input.run), input),
    'runs.attention': (input, { signal }) =>
      processes.queries.attention(
        { ...input, modelFolder: folderOf(input.run), modelVariant: runOf(input.run).model.variant },
        { signal },
      ),
    'runs.attentionLine': (input, { signal }) =>
      processes.queries.attentionLine(
        { ...input, modelFolder: folderOf(input.run), modelVariant: runOf(input.run).model.variant },
        { signal },
      ),
    'runs.save': (input, { signal }) =>
      saveTap({ store, queries: processes.queries, modelFolder: folderOf(input.run) }, runOf(input.run), input, signal),
  }
}
