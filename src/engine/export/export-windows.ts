import { EngineError } from '../../contract/errors.ts'
import { joinWindows, type Joined } from '../../contract/joined.ts'
import { sequences } from '../../contract/sequence.ts'
import type { HeardWindow, Window } from '../../contract/windows.ts'
import type { ArrayFile } from './array-file.ts'
import type { ArraySource } from './array-source.ts'
import type { HeardRegion } from './run-windows.ts'
import { widestFirst, writeArrays, type ExportOptions } from './tensors.ts'
import { piecesOf, windowArrays, type WindowArray } from './window-arrays.ts'

export const joinedOf = ({ heard, words }: HeardRegion): Joined =>
  joinWindows(heard.map(({ window, run }) => ({ window, run, words: words.get(run.id)?.words ?? null })))

/** Writes the taps of all windows into `file` and answers with its metadata. The caller commits or discards. */
export const exportWindows = async (
  source: ArraySource,
  region: HeardRegion,
  file: ArrayFile,
  options: ExportOptions,
): Promise<WindowsMetadata> => {
  const arrays = options.taps.flatMap((tap) => windowArrays(region.heard, tap, options)).sort(widestFirst)
  if (arrays.length === 0) throw new EngineError('not-found', `nothing to export: no ${options.taps.join(', ')}`)
  const metadata = metadataOf(region, arrays, options)
  await writeArrays(
    file,
    arrays.map(({ card, blocks }) => ({ card, blocks: () => blocks(source, options.signal) })),
    metadata,
    options,
  )
  return metadata
}

type WindowsMetadata = ReturnType<typeof metadataOf>

const windowsIn = (heard: readonly HeardWindow[]): readonly Window[] => heard.map(({ window }) => window)

/**
 * What holds of all windows: nothing of the moment is in it, so that the same runs exported twice are the same file. `windows`: all of
 * the region's, where some have not run.
 */
export const regionCard = (heard: readonly HeardWindow[], windows = windowsIn(heard)) => {
  const { run } = heard[0]!
  return {
    recording: run.recording,
    region: [windows[0]!.shown[0], windows.at(-1)!.shown[1]],
    model: run.model,
    encoder: run.encoder,
    ...(run.decoder ? { decoder: run.decoder } : {}),
    options: run.options,
    versions: run.versions,
    warnings: [...new Set(heard.flatMap(({ run }) => run.warnings))],
    /** seconds where one window ends and the next begins: what lies on either side was heard apart */
    seams: windows.slice(1).map(({ shown }) => shown[0]),
  }
}

/** What made one window's results; `heard` is the region its run covers, `shown` the part of it that stands for the recording. */
export const windowCard = ({ index, window: { shown }, run }: HeardWindow) => ({
  window: index,
  heard: run.region,
  shown,
  run: run.id,
  samples: run.samples,
  provider: run.provider,
  device: run.device,
  choice: run.choice,
  nodes: run.nodes,
  parity: run.parity,
  threads: run.threads,
})

/** What made the arrays of several windows, and how their time axes are made of the windows'. */
export const arraysCard = (
  heard: readonly HeardWindow[],
  arrays: readonly WindowArray[],
  windows = windowsIn(heard),
) => ({
  ...regionCard(heard, windows),
  windows: heard.map((one) => ({ ...windowCard(one), grids: one.run.grids, result: one.run.result })),
  /** by an array's `time` */
  pieces: Object.fromEntries(
    sequences
      .filter((sequence) => arrays.some(({ card }) => card.time === sequence))
      .map((sequence) => [sequence, piecesOf(heard, sequence)]),
  ),
  arrays: arrays.map(({ card }) => card),
})

const metadataOf = (region: HeardRegion, arrays: readonly WindowArray[], options: ExportOptions) => {
  const { text, words, characters } = joinedOf(region)
  return {
    ...arraysCard(region.heard, arrays),
    limits: { heads: options.heads ?? 'all', rows: options.rows ?? 'all', keys: options.keys ?? 'all' },
    joined: { text, words, characters },
  }
}
