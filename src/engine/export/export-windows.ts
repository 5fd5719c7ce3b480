import { EngineError } from '../../contract/errors.ts'
import { joinWindows, type Joined } from '../../contract/joined.ts'
import type { HeardWindow } from '../../contract/windows.ts'
import type { ArrayFile } from './array-file.ts'
import type { ArraySource } from './array-source.ts'
import type { HeardRegion } from './run-windows.ts'
import { widestFirst, writeArrays, type ExportOptions } from './tensors.ts'
import { piecesOf, sequences, windowArrays, type WindowArray } from './window-arrays.ts'

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

/** What holds of all windows: nothing of the moment is in it, so that the same runs exported twice are the same file. */
export const regionCard = ({ heard }: HeardRegion) => {
  const { run } = heard[0]!
  return {
    recording: run.recording,
    region: [heard[0]!.window.shown[0], heard.at(-1)!.window.shown[1]],
    model: run.model,
    encoder: run.encoder,
    ...(run.decoder ? { decoder: run.decoder } : {}),
    options: run.options,
    versions: run.versions,
    warnings: [...new Set(heard.flatMap(({ run }) => run.warnings))],
    /** seconds where one window ends and the next begins: what lies on either side was heard apart */
    seams: heard.slice(1).map(({ window }) => window.shown[0]),
  }
}

/** What made one window's results; `heard` is the region its run covers, `shown` the part of it that stands for the recording. */
export const windowCard = ({ window: { shown }, run }: HeardWindow, window: number) => ({
  window,
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

const metadataOf = (region: HeardRegion, arrays: readonly WindowArray[], options: ExportOptions) => {
  const { text, words, characters } = joinedOf(region)
  return {
    ...regionCard(region),
    limits: { heads: options.heads ?? 'all', rows: options.rows ?? 'all', keys: options.keys ?? 'all' },
    windows: region.heard.map((one, i) => ({
      ...windowCard(one, i),
      grids: one.run.grids,
      result: one.run.result,
    })),
    joined: { text, words, characters },
    /** how the time axis of an array is made of the windows', by its `time` */
    pieces: Object.fromEntries(
      sequences
        .filter((sequence) => arrays.some(({ card }) => card.time === sequence))
        .map((sequence) => [sequence, piecesOf(region.heard, sequence)]),
    ),
    arrays: arrays.map(({ card }) => card),
  }
}
