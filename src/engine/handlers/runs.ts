import type { EngineHandlers } from '../../contract/engine.ts'
import { runOnDevice } from '../devices/run-job.ts'
import { admitRun, estimate } from '../estimate/estimate.ts'
import { saveTap } from '../export/save-tap.ts'
import { dimensionCurve } from './dimension-curve.ts'
import { hear } from '../hearing/hear.ts'
import { featuresMap } from './features-map.ts'
import { hiddenMap, type HiddenInput } from './hidden-map.ts'
import { patchPlaces } from './patch-places.ts'
import { savedWindows } from './save-windows.ts'
import { scoreMap } from './score-map.ts'
import { createPace } from '../pace.ts'
import type { EngineParts } from '../parts.ts'
import { named, planRun, regionWindows, storedRun } from '../run-plan.ts'
import type { createRunPlaces } from './run-places.ts'

type Name =
  | 'runs.windows'
  | 'runs.estimate'
  | 'runs.start'
  | 'runs.find'
  | 'runs.features'
  | 'runs.hidden'
  | 'runs.hiddenWindows'
  | 'runs.dimension'
  | 'runs.layerSizes'
  | 'runs.layerSimilarity'
  | 'runs.trajectory'
  | 'runs.attention'
  | 'runs.attentionLine'
  | 'runs.attentionPatches'
  | 'runs.hear'
  | 'runs.attentionMetrics'
  | 'runs.words'
  | 'runs.scores'
  | 'runs.save'
  | 'runs.saveWindows'

export const runHandlers = (
  parts: EngineParts,
  places: ReturnType<typeof createRunPlaces>,
): Pick<EngineHandlers, Name> => {
  const { store, sounds, ownFiles, processes, devices } = parts
  const { run: runOf, of: placeOf } = places
  const orderFor = (run: string, { tap, order }: Pick<HiddenInput, 'tap' | 'order'>, signal: AbortSignal) =>
    order === 'index' ? null : processes.queries.dimensionOrder({ run, tap, order }, { signal })

  return {
    'runs.windows': (input) => regionWindows(parts, input),
    'runs.estimate': async (input) => estimate(parts, await planRun(parts, input)),
    'runs.start': async (input, { signal, part }) => {
      const plan = await planRun(parts, input)
      const { job, card, warnings } = plan
      places.remember(job.id, job)
      const stored = storedRun(parts, plan)
      if (stored) return stored
      await sounds.check(input.recording)
      const memory = await admitRun(parts, plan)
      const onDevice = await devices.places(job.device)
      const { path } = sounds.opened(input.recording)
      const run = await ownFiles.during(path, () =>
        runOnDevice(parts, { ...job, recordingPath: path, ...onDevice, memory }, { signal, onPart: part }),
      )
      return named(run, job, card, warnings)
    },
    'runs.find': async (input) => {
      const plan = await planRun(parts, input)
      places.remember(plan.job.id, plan.job)
      return storedRun(parts, plan)
    },
    'runs.features': (input) => featuresMap(store, runOf(input.run), placeOf(input.run).modelFolder, input),
    'runs.hidden': async (input, { signal }) => {
      const order = await orderFor(input.orderOf ?? input.run, input, signal)
      return hiddenMap(store, runOf(input.run), input, order)
    },
    'runs.hiddenWindows': async ({ parts: windows, ...input }, { signal }) => {
      const order = await orderFor(input.orderOf ?? windows[0]!.run, input, signal)
      const pace = createPace(signal)
      const maps = []
      for (const window of windows) {
        await pace()
        maps.push(hiddenMap(store, runOf(window.run), { ...input, ...window }, order))
      }
      return maps
    },
    'runs.dimension': (input) => dimensionCurve(store, runOf(input.run), input),
    'runs.layerSizes': (input, { signal }) => processes.queries.layerSizes(input, { signal }),
    'runs.layerSimilarity': (input, { signal }) => processes.queries.layerSimilarity(input, { signal }),
    'runs.trajectory': (input, { signal }) => processes.queries.trajectory(input, { signal }),
    'runs.attention': (input, { signal, part }) =>
      processes.queries.attention({ ...input, ...placeOf(input.run) }, { signal, onPart: part }),
    'runs.attentionLine': (input, { signal, part }) =>
      processes.queries.attentionLine({ ...input, ...placeOf(input.run) }, { signal, onPart: part }),
    'runs.attentionPatches': async (input, { signal }) => {
      const place = placeOf(input.run)
      const places = patchPlaces(runOf(input.run), place.modelFolder)
      return { ...(await processes.queries.attentionPatches({ ...input, ...place }, { signal })), ...places }
    },
    'runs.hear': (input, { signal }) =>
      hear({ sounds, queries: processes.queries, place: placeOf(input.run) }, runOf(input.run), input, signal),
    'runs.attentionMetrics': (input, { signal, part }) =>
      processes.queries.attentionMetrics({ ...input, ...placeOf(input.run) }, { signal, onPart: part }),
    'runs.words': (input, { signal }) => processes.queries.words({ ...input, ...placeOf(input.run) }, { signal }),
    'runs.scores': (input, { signal }) => {
      const runs = input.runs.map(({ run, shown }) => ({ run: runOf(run), shown }))
      return scoreMap(store, runs, placeOf(input.runs[0]!.run).modelFolder, input, signal)
    },
    'runs.save': (input, { signal }) =>
      saveTap(
        { store, queries: processes.queries, modelFolder: placeOf(input.run).modelFolder },
        runOf(input.run),
        input,
        signal,
      ),
    'runs.saveWindows': (input, context) => savedWindows(parts, input, context),
  }
}
