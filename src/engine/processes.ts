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
  return {
    jobs: { ...jobs.client, ...queue },
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
