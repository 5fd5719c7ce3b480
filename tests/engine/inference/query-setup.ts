import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobInput } from '../../../src/contract/inference.ts'
import type { Run } from '../../../src/contract/run.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { createQueries } from '../../../src/engine/inference/query.ts'
import { runJob } from '../../../src/engine/inference/run.ts'
import { coolDown } from '../../../src/engine/inference/warm.ts'
import { openStore } from '../../../src/engine/store/database.ts'

/** A store in a temporary folder, jobs that fill it and the queries that read it, all in this process. */
export const querySetup = () => {
  const folder = mkdtempSync(join(tmpdir(), 'otoscope-query-'))
  const store = openStore(folder)
  const queries = createQueries(() => store, 1)
  let jobs = 0
  return {
    store,
    queries,
    run: async (path: string, modelFolder: string, changes: Record<string, unknown> = {}): Promise<Run> => {
      const { recording } = await openRecording(path)
      const input = JobInput.parse({
        id: `run-${jobs++}`,
        recording: recording.id,
        recordingPath: path,
        recordingName: recording.name,
        opened: recording,
        model: modelFolder,
        modelFolder,
        modelVariant: 'fp32',
        candidates: [{ provider: 'cpu', name: 'CPU' }],
        modelHash: modelFolder,
        region: [0, 2],
        threads: 1,
        ...changes,
      })
      return runJob(input, store, { signal: new AbortController().signal, part: () => {} })
    },
    close: () => {
      queries.close()
      coolDown()
      store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** What a handler gets beside its input. */
export const context = { signal: new AbortController().signal, part: () => {} }

/** The weights as the model has them. */
export const raw = { weights: 'raw' as const, audioOnly: false }
