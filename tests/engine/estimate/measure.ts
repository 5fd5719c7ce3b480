import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobInput } from '../../../src/contract/inference.ts'
import type { Variant } from '../../../src/contract/model.ts'
import { RunOptions } from '../../../src/contract/run.ts'
import { openRecording } from '../../../src/engine/audio/open.ts'
import { estimateRun } from '../../../src/engine/estimate/estimate-run.ts'
import { residentBytes } from '../../../src/engine/jobs/resident-bytes.ts'
import { startInference } from '../../../src/engine/jobs/supervisor.ts'
import { openModel } from '../../../src/engine/models/open.ts'
import { writeWav } from '../../../src/formats/wav.ts'

/** What a run is estimated to take beside what its process took at its peak, in bytes. Linux alone tells the second. */
export interface Measured {
  estimate: number
  measured: number
}

export interface Case {
  folder: string
  variant?: Variant
  seconds: number
  options?: Partial<RunOptions>
}

const rate = 16_000

/** Runs the model over a sweep in a process of its own. */
export const measureRun = async ({ folder, variant, seconds, options }: Case): Promise<Measured> => {
  const parent = mkdtempSync(join(tmpdir(), 'otoscope-measured-'))
  const jobs = startInference({ role: 'jobs', storeFolder: join(parent, 'store'), threads: 2 })
  try {
    const path = join(parent, 'sweep.wav')
    const sweep = Float32Array.from({ length: seconds * rate }, (_, i) => 0.3 * Math.sin(1e-6 * i * i))
    writeFileSync(path, writeWav({ rate, channels: [sweep] }, 'f32'))
    const { recording } = await openRecording(path)
    const model = openModel(folder, variant)
    const settled = RunOptions.parse({ ...options })
    const job: JobInput = {
      id: 'measured',
      recording: recording.id,
      recordingPath: path,
      recordingName: recording.name,
      opened: recording,
      model: model.card.id,
      modelFolder: folder,
      modelVariant: model.card.variant,
      modelHash: 'measured',
      candidates: [{ provider: 'cpu', name: 'CPU' }],
      skipped: [],
      region: [0, seconds],
      options: settled,
      device: 'cpu',
      threads: 2,
    }
    await jobs.client.run(job)
    const measured = residentBytes(jobs.pid ?? undefined, true)
    if (measured === null) throw new Error('this system does not tell what a process took')
    return { estimate: estimateRun(model, seconds * rate, settled).total, measured }
  } finally {
    await jobs.close()
    rmSync(parent, { recursive: true, force: true })
  }
}
