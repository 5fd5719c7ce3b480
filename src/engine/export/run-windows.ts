import type { EngineClient } from '../../contract/engine.ts'
import type { RunInput, RunProgress } from '../../contract/run.ts'
import type { HeardWindow, Window } from '../../contract/windows.ts'
import type { Words } from '../../contract/words.ts'
import { windowsRefusal } from '../../figures/windows-refusal.ts'
import { runWords } from './run-words.ts'

export type WindowClient = Pick<EngineClient, 'runs.windows' | 'runs.start' | 'runs.estimate'>

/** The windows of a region, with what their decoders' words are known to be, by the run's id. */
export interface HeardRegion {
  heard: readonly HeardWindow[]
  words: ReadonlyMap<string, Words | null>
}

type Wanted = Omit<RunInput, 'options'> & { options?: RunInput['options'] }

export interface RunWindowsContext {
  signal?: AbortSignal | undefined
  part?: ((progress: RunProgress) => void) | undefined
  /** what is wanted of a window while its results are surely there: the cache may push them out later */
  each?: (window: HeardWindow) => Promise<void>
  /** false: all windows' results need not be there at the end */
  keep?: boolean
}

/**
 * The runs of a region, window by window: those that are stored are not computed again, so what was interrupted goes on where it was.
 * Throws `no-space` before it begins where all windows' results are wanted afterwards and the cache cannot hold them (`keep`).
 */
export const runWindows = async (
  client: WindowClient,
  wanted: Wanted,
  { signal, part, each, keep = true }: RunWindowsContext,
): Promise<HeardWindow[]> => {
  const call = signal ? { signal } : {}
  const windows = await client['runs.windows'](wanted, call)
  const count = windows.length
  if (keep && count > 1) await checkCache(client, wanted, windows, call)
  const heard: HeardWindow[] = []
  for (const [index, window] of windows.entries()) {
    const at = count > 1 ? { window: { number: index + 1, count } } : {}
    const onPart = (progress: RunProgress): void => part?.({ ...progress, ...at })
    const run = await client['runs.start']({ ...wanted, region: window.region }, { ...call, onPart })
    heard.push({ index, window, run })
    await each?.({ index, window, run })
  }
  return heard
}

/** The runs of a region, and the words of those whose decoder tells when they were said. */
export const hearRegion = async (
  client: WindowClient & Pick<EngineClient, 'runs.words'>,
  wanted: Wanted,
  context: Omit<RunWindowsContext, 'each'>,
): Promise<HeardRegion> => {
  const words = new Map<string, Words | null>()
  const each = async ({ run }: HeardWindow): Promise<void> => {
    words.set(run.id, await runWords(client, run, context.signal))
  }
  return { heard: await runWindows(client, wanted, { ...context, each }), words }
}

const checkCache = async (
  client: WindowClient,
  wanted: Wanted,
  windows: readonly Window[],
  call: { signal?: AbortSignal },
): Promise<void> => {
  const { cache } = await client['runs.estimate']({ ...wanted, region: windows[0]!.region }, call)
  const refusal = windowsRefusal(wanted.model, windows.length, cache)
  if (refusal) throw refusal
}
