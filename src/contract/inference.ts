import { z } from 'zod'
import {
  AttentionDifferenceQuery,
  LayerDifferencesQuery,
  type AttentionDifference,
  type CompareProgress,
  type LayerDifferences,
} from './compare.ts'
import { query, stream } from './contract.ts'
import {
  AttentionLineQuery,
  AttentionMetricsQuery,
  AttentionQuery,
  type AttentionLine,
  type AttentionMap,
  type AttentionMetrics,
  type AttentionProgress,
} from './engine.ts'
import { LayerHeads } from './heads.ts'
import {
  DimensionOrderQuery,
  LayerSizesQuery,
  type LayerSizes,
  SimilarityQuery,
  TrajectoryQuery,
  type LayerSimilarity,
  type Trajectory,
} from './hidden.ts'
import { variants } from './model.ts'
import { AttentionPatchesQuery, type PatchWeights } from './patches.ts'
import type { ModelProof } from './proof.ts'
import type { Recording } from './recording.ts'
import { WordsQuery, type Words } from './words.ts'
import { RegionInput, RunInput, devices, type DeviceCard, type Run, type RunProgress, type Verdict } from './run.ts'

/** bytes the model and its run take, and those this process may take: what else it keeps loaded is released where both are more */
const Memory = z.object({ needed: z.number(), limit: z.number() })

/**
 * What the engine asks of an inference process. Two are alive: one runs jobs and writes tensors to the store, one answers
 * questions about attention and layers and only reads. Paths are known here: both are ours.
 */
export const JobInput = RunInput.extend({
  /** the run's content address, worked out by the engine; the job stores under it */
  id: z.string(),
  recordingPath: z.string(),
  recordingName: z.string(),
  /** the recording as it was opened: `readClip` wants its length, rate and decoder */
  opened: z.custom<Recording>((value) => typeof value === 'object' && value !== null),
  modelFolder: z.string(),
  modelVariant: z.enum(variants),
  modelHash: z.string(),
  /** what `device` may become, tried in this order: the one asked for; for `auto` every accelerator that works, then the CPU */
  candidates: z.array(z.object({ provider: z.enum(devices).exclude(['auto']), name: z.string() })).min(1),
  /** why `auto` does not even try an accelerator that is here, a clause each: "webgpu is llvmpipe (software) here, …" */
  skipped: z.array(z.string()).default([]),
  region: RegionInput,
  memory: Memory.optional(),
  threads: z.number().int().positive(),
})
export type JobInput = z.output<typeof JobInput>

export const ProveInput = z.object({
  modelFolder: z.string(),
  modelVariant: z.enum(variants),
  modelHash: z.string(),
  memory: Memory.optional(),
  threads: z.number().int().positive(),
})
export type ProveInput = z.output<typeof ProveInput>

export const inference = {
  /** decode → features → encode → tokens → store; the tensors are in the store when it answers */
  run: stream<RunProgress, Run>()(JobInput),
  attention: stream<AttentionProgress, AttentionMap>()(
    AttentionQuery.extend({ modelFolder: z.string(), modelVariant: z.enum(variants) }),
  ),
  attentionLine: stream<AttentionProgress, AttentionLine>()(
    AttentionLineQuery.extend({ modelFolder: z.string(), modelVariant: z.enum(variants) }),
  ),
  attentionPatches: query<PatchWeights>()(
    AttentionPatchesQuery.extend({ modelFolder: z.string(), modelVariant: z.enum(variants) }),
  ),
  attentionMetrics: stream<AttentionProgress, AttentionMetrics>()(
    AttentionMetricsQuery.extend({ modelFolder: z.string(), modelVariant: z.enum(variants) }),
  ),
  words: query<Words>()(WordsQuery.extend({ modelFolder: z.string(), modelVariant: z.enum(variants) })),
  /** exact values of an attention tap: [head, query, key] of the given heads (or their mean or max) and half-open step ranges */
  attentionValues: query<{ shape: number[]; data: Float32Array }>()(
    z.object({
      run: z.string(),
      tap: z.string(),
      heads: LayerHeads.optional(),
      queries: z.tuple([z.number().int(), z.number().int()]).optional(),
      keys: z.tuple([z.number().int(), z.number().int()]).optional(),
      modelFolder: z.string(),
      modelVariant: z.enum(variants),
    }),
  ),
  /** all dimensions of a hidden state in an order */
  dimensionOrder: query<Int32Array>()(DimensionOrderQuery),
  layerSizes: query<LayerSizes>()(LayerSizesQuery),
  layerSimilarity: query<LayerSimilarity>()(SimilarityQuery),
  trajectory: query<Trajectory>()(TrajectoryQuery),
  attentionDifference: query<AttentionDifference>()(
    AttentionDifferenceQuery.extend({
      modelFolder: z.string(),
      variantA: z.enum(variants),
      variantB: z.enum(variants),
    }),
  ),
  layerDifferences: stream<CompareProgress, LayerDifferences>()(LayerDifferencesQuery),
  /** the encoder and a teacher-forced decoder pass on the first candidate and on the CPU; the verdict is stored */
  compare: stream<RunProgress, Verdict>()(JobInput),
  /** tries a model's taps on a short sound; writes nothing */
  prove: stream<RunProgress, ModelProof>()(ProveInput),
  /** how many multiply-adds a second this processor does in the matrix product of an attention layer */
  trial: stream<RunProgress, number>()(z.object({ threads: z.number().int().positive() })),
  /** whether a provider starts: asked of a process of its own, which its driver may end or hang */
  probe: query<DeviceCard>()(z.object({ id: z.enum(devices).exclude(['auto']) })),
  /** resident memory of the process */
  residentBytes: query<number>()(z.object({})),
  /** answers when the messages before it were heard */
  settled: query<null>()(z.object({})),
}
