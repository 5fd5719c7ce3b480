import { engine } from '../engine.ts'
import { useQuery } from '../query.ts'
import { useLibrary } from '../stores/library.ts'
import { useMachine } from '../stores/machine.ts'
import { useRuns } from '../stores/runs.ts'
import { runKey, type RunRequest } from '../stores/window-requests.ts'
import { useWorkspace } from '../stores/workspace.ts'

/** What a run would take, asked while it is known that there is none. */
export const useRunEstimate = (wanted: () => RunRequest | null) => {
  const [library, machine, runs, workspace] = [useLibrary(), useMachine(), useRuns(), useWorkspace()]
  return useQuery({
    name: 'estimate',
    // the answer changes with what may be used, and with the weights that are there to choose from
    input: () => {
      const request = wanted()
      if (!request || runs.found[runKey(request)] === undefined || runs.runOf(request)) return null
      const { memoryLimit = null, cacheLimit = null } = machine.settings?.settings ?? {}
      const variants = library.model(request.model)?.variants ?? []
      return { ...request, device: workspace.device, limits: [memoryLimit, cacheLimit], variants }
    },
    identity: (input) => input.model,
    call: (input, options) => engine['runs.estimate'](input, options),
    delayMs: 250,
  })
}
