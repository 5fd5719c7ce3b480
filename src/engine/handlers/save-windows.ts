import type { z } from 'zod'
import type { engine, SavedWindows } from '../../contract/engine.ts'
import type { HeardWindow } from '../../contract/windows.ts'
import { saveWindows } from '../export/save-windows.ts'
import { createPace } from '../pace.ts'
import type { EngineParts } from '../parts.ts'
import { planRun, regionWindows, storedRun } from '../run-plan.ts'

type Input = z.output<(typeof engine)['runs.saveWindows']['input']>

/** Finds the runs of a region's windows and saves a tap of all of them; nothing is run. */
export const savedWindows = async (
  parts: EngineParts,
  { tap, format, ...wanted }: Input,
  { signal, part }: { signal: AbortSignal; part: (share: number) => void },
): Promise<SavedWindows> => {
  const windows = regionWindows(parts, wanted)
  const heard: HeardWindow[] = []
  const pace = createPace(signal)
  for (const [index, window] of windows.entries()) {
    const run = storedRun(parts, await planRun(parts, { ...wanted, region: window.region }))
    if (run) heard.push({ index, window, run })
    await pace()
  }
  const source = {
    store: parts.store,
    values: parts.processes.queries.attentionValues,
    modelFolder: parts.models.find(wanted.model).folder,
  }
  return saveWindows(source, { windows, heard }, { tap, format }, { signal, part })
}
