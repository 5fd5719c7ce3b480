import { createQueue } from './jobs/queue.ts'
import { startInference } from './jobs/supervisor.ts'
import type { Processes } from './parts.ts'

export interface ProcessOptions {
  storeFolder: string
  storeLimit: number | undefined
  threads: number
  /** hears a sentence when a process ended without being told to */
  onGone: (message: string) => void
}

/** Two inference processes, so that looking never waits behind a run. Each starts when it is first needed. */
export const startProcesses = ({ onGone, ...options }: ProcessOptions): Processes & { close(): Promise<void> } => {
  const jobs = startInference({ ...options, role: 'jobs' })
  const queries = startInference({ ...options, role: 'queries' })
  jobs.onGone(onGone)
  queries.onGone(onGone)
  const queue = createQueue(jobs)
  return {
    jobs: { ...jobs.client, run: queue.run },
    queries: queries.client,
    restartJobs: () => jobs.restart(),
    pids: () => ({ jobs: jobs.pid, queries: queries.pid }),
    close: async () => {
      await Promise.all([jobs.close(), queries.close()])
    },
  }
}
