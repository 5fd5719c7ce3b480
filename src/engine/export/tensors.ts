import { setImmediate } from 'node:timers/promises'
import { EngineError } from '../../contract/errors.ts'
import type { Run } from '../../contract/run.ts'
import { bytesPerElement } from '../../formats/npy.ts'
import type { ArrayCard, ArrayFile } from './array-file.ts'
import { arrayBlocks, planArray, type ArrayPlan, type ArraySource, type AttentionLimits } from './array-source.ts'

export interface ExportOptions extends AttentionLimits {
  taps: readonly string[]
  signal?: AbortSignal
}

/** What is said about the arrays: everything that made them, as one JSON object. */
export type ExportMetadata = ReturnType<typeof metadataOf>

/** Writes a run's taps into `file`, a block at a time, and answers with its metadata. The caller commits or discards. */
export const exportRun = async (
  source: ArraySource,
  run: Run,
  file: ArrayFile,
  options: ExportOptions,
): Promise<ExportMetadata> => {
  const plans = planArrays(run, options)
  const metadata = metadataOf(run, plans, options)
  const arrays = plans.map((plan) => ({
    card: plan.card,
    blocks: () => arrayBlocks(source, run, plan, options.signal),
  }))
  await writeArrays(file, arrays, metadata, options)
  return metadata
}

export const writeArrays = async (
  file: ArrayFile,
  arrays: readonly { card: ArrayCard; blocks: () => AsyncIterable<Uint8Array> }[],
  metadata: object,
  { signal }: Pick<ExportOptions, 'signal'>,
): Promise<void> => {
  file.start(
    arrays.map(({ card }) => card),
    JSON.stringify(metadata),
  )
  for (const { card, blocks } of arrays) {
    file.begin(card)
    for await (const block of blocks()) {
      await setImmediate()
      signal?.throwIfAborted()
      file.push(block)
    }
    file.end()
  }
}

/** A safetensors file then has every array aligned. */
export const widestFirst = (a: { card: ArrayCard }, b: { card: ArrayCard }): number =>
  bytesPerElement[b.card.dtype] - bytesPerElement[a.card.dtype]

const planArrays = (run: Run, options: ExportOptions): ArrayPlan[] => {
  const cards = options.taps.map((name) => {
    const card = run.taps.find(({ tap }) => tap === name)
    if (!card) throw new EngineError('not-found', `the run of ${run.model.id} has no ${name}`)
    return card
  })
  return cards.map((card) => planArray(card, options)).sort(widestFirst)
}

/** Nothing of the moment is in it, so that the same run exported twice is the same file. */
const metadataOf = (run: Run, plans: readonly ArrayPlan[], options: ExportOptions) => ({
  recording: run.recording,
  region: run.region,
  samples: run.samples,
  model: run.model,
  encoder: run.encoder,
  ...(run.decoder ? { decoder: run.decoder } : {}),
  options: run.options,
  provider: run.provider,
  device: run.device,
  choice: run.choice,
  nodes: run.nodes,
  parity: run.parity,
  threads: run.threads,
  grids: run.grids,
  result: run.result,
  limits: { heads: options.heads ?? 'all', rows: options.rows ?? 'all', keys: options.keys ?? 'all' },
  warnings: [...run.warnings, ...clippedLimits(run, plans, options)],
  versions: run.versions,
  run: run.id,
  arrays: plans.map(({ card }): ArrayCard => card),
})

/** A sentence each for rows and keys that end beyond what an array has. */
const clippedLimits = (run: Run, plans: readonly ArrayPlan[], limits: AttentionLimits): string[] =>
  (['rows', 'keys'] as const).flatMap((name) => {
    const range = limits[name]
    if (!range) return []
    const shorter = plans.flatMap(({ card, attention }) => {
      const count = run.taps.find(({ tap }) => tap === card.name)?.shape[name === 'rows' ? 1 : 2] ?? 0
      return attention && count < range[1] ? [`${card.name} (${count})`] : []
    })
    return shorter.length === 0 ? [] : [`${name} ${range[0]}:${range[1]} reach past the end of ${shorter.join(', ')}`]
  })
