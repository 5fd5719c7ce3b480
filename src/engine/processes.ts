import { createQueue } from './jobs/queue.ts'
import { startInference, type ProcessSettings } from './jobs/supervisor.ts'
import type { Processes } from './parts.ts'
import type { LiveSettings } from './settings/live-settings.ts'

export interface ProcessOptions {
  storeFolder: string
  settings: LiveSettings
  /** hears a sentence when a process ended without being told to */
  onGone: (message: string) => void
}

/** what else the machine does changes: what a trial found holds this long */
const trialMilliseconds = 60_000

/** Two inference processes, so that looking never waits behind a run. Each starts when it is first needed. */
export const startProcesses = ({
  storeFolder,
  settings,
  onGone,
}: ProcessOptions): Processes & { close(): Promise<void> } => {
  const options = { storeFolder, ...processSettings(settings) }
  const jobs = startInference({ ...options, role: 'jobs' })
  const queries = startInference({ ...options, role: 'queries' })
  jobs.onGone(onGone)
  queries.onGone(onGone)
  settings.onChange(() => {
    jobs.adjust(processSettings(settings))
    queries.adjust(processSettings(settings))
  })
  const queue = createQueue(jobs)
  const ran = { pid: null as number | null, models: [] as string[] }
  const run: Processes['jobs']['run'] = async (input, options) => {
    const done = await queue.run(input, options)
    const earlier = ran.pid === jobs.pid ? ran.models.filter((hash) => hash !== input.modelHash) : []
    // as many as it keeps (inference/warm.ts)
    Object.assign(ran, { pid: jobs.pid, models: [...earlier, input.modelHash].slice(-2) })
    return done
  }
  const trials = new Map<number, { at: number; found: Promise<number> }>()
  const trial: Processes['jobs']['trial'] = (input) => {
    const known = trials.get(input.threads)
    if (known && Date.now() - known.at < trialMilliseconds) return known.found
    const found = queue.trial(input)
    trials.set(input.threads, { at: Date.now(), found })
    found.catch(() => trials.delete(input.threads))
    return found
  }
  return {
    jobs: { ...jobs.client, ...queue, run, trial },
    holds: (modelHash) => jobs.pid !== null && ran.pid === jobs.pid && ran.models.includes(modelHash),
    queries: queries.client,
    restartJobs: () => jobs.restart(),
    releaseJobs: () => jobs.release(),
    releaseQueries: () => queries.release(),
    heldBytes: async () => {
      const [inJobs, inQueries] = await Promise.all([jobs.heldBytes(), queries.heldBytes()])
      return { jobs: inJobs, queries: inQueries }
    },
    pids: () => ({ jobs: jobs.pid, queries: queries.pid }),
    close: async () => {
      await Promise.all([jobs.close(), queries.close()])
    },
  }
}

const processSettings = ({ threads, effective }: LiveSettings): ProcessSettings => ({
  threads,
  storeLimit: effective.cacheLimit,
  background: effective.background,
  idleMilliseconds: effective.idleMinutes * 60_000,
})
