import { EngineError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { Run, RunProgress } from '../../contract/run.ts'
import type { Processes } from '../parts.ts'
import type { Store } from '../store/store.ts'
import { failedVerdict, isFaster, storedVerdict, type Candidate } from './verdict.ts'

interface Parts {
  store: Store
  processes: Pick<Processes, 'jobs'>
}
interface CallOptions {
  signal: AbortSignal
  onPart: (part: RunProgress) => void
}

/**
 * Runs a job on one of its candidates. Where an accelerator's driver ends the process under `auto`, that is written down
 * as its verdict on this model and the job is run again without it.
 */
export const runOnDevice = async (parts: Parts, job: JobInput, options: CallOptions): Promise<Run> => {
  for (;;) {
    try {
      return await parts.processes.jobs.run(job, options)
    } catch (error) {
      const how = crash(error)
      const culprit = how && job.device === 'auto' && inUse(parts, job)
      if (!culprit) throw error
      const sentence = `${culprit.provider} ended the process (${how}) while it ran this model`
      parts.store.putVerdict(failedVerdict(job, culprit, sentence))
    }
  }
}

/** How the process ended, where it was not killed: by us, by the person, or by a system short of memory. */
const crash = (error: unknown): string | null => {
  if (!(error instanceof EngineError) || error.code !== 'inference-gone') return null
  const how = String(error.detail['how'] ?? '')
  // Windows says an access violation and its like by exit codes beyond a byte
  return /^SIG(SEGV|ABRT|BUS|ILL|FPE|TRAP)$/.test(how) || Number(/^exit code (\d+)$/.exec(how)?.[1]) > 255 ? how : null
}

/** The accelerator that `auto` was comparing or running on; undefined for the CPU. */
const inUse = ({ store }: Parts, job: Pick<JobInput, 'candidates' | 'model' | 'modelHash'>): Candidate | undefined =>
  job.candidates.find((candidate) => {
    if (candidate.provider === 'cpu') return false
    const verdict = storedVerdict(store, job, candidate)
    return !verdict || isFaster(verdict)
  })
