import { z } from 'zod'
import { query, stream, topic, type Client, type Handlers } from './contract.ts'
import { compare } from './compare.ts'
import type { RunEstimate } from './estimate.ts'
import { figures } from './figures.ts'
import type { FileAnswer } from './file-answer.ts'
import type { FileState } from './file-state.ts'
import type { Tiling, TimeGrid } from './grid.ts'
import { Heads, LayerHeads } from './heads.ts'
import { HeardBy, heardBy } from './heard-by.ts'
import {
  DimensionOrder,
  DimensionQuery,
  LayerSizesQuery,
  type DimensionCurve,
  type LayerSizes,
  SimilarityQuery,
  TrajectoryQuery,
  type LayerSimilarity,
  type Trajectory,
} from './hidden.ts'
import { libraries } from './libraries.ts'
import { loudness } from './loudness.ts'
import type { Inspection, ModelCard, ModelFlow } from './model.ts'
import {
  PullInput,
  RepoId,
  type HubAccount,
  type HubCard,
  type HubListing,
  type PullProgress,
  type UpdateCard,
} from './hub.ts'
import type { Opening } from './opening.ts'
import { AttentionPatchesQuery, type AttentionPatches } from './patches.ts'
import type { ModelProof } from './proof.ts'
import { raw } from './raw.ts'
import type { Peaks, Recording } from './recording.ts'
import { regions } from './regions.ts'
import { RegionInput, RunInput, type DeviceCard, type Run, type RunProgress, type Verdict } from './run.ts'
import { SpectrogramQuery, SpectrogramTileQuery } from './spectrogram.ts'
import { SettingsChange, type SettingsCard } from './settings.ts'
import type { Raster } from './tensor.ts'
import { weightFields } from './weights.ts'
import type { Window } from './windows.ts'
import { ScoresQuery, WordsQuery, type ScoreMap, type Words } from './words.ts'

/**
 * What the page may ask of the engine: the single source of truth. No call takes a path; files enter and leave through
 * the host (contract/host.ts). Answers are sized to the screen: a range and a size in pixels in, a pooled array out.
 */

const Pixels = z.number().int().min(1).max(4096)
const StepRange = z.tuple([z.number().int().nonnegative(), z.number().int().positive()])
const Span = z.discriminatedUnion('unit', [
  z.object({ unit: z.literal('second'), range: RegionInput }),
  z.object({ unit: z.literal('step'), range: StepRange }),
  z.object({ unit: z.literal('all') }),
])
/** A stretch of a sequence, in seconds of the recording, in steps (AST folded: columns), or all of it, padding included. */
export type Span = z.output<typeof Span>

const pool = z.enum(['max', 'mean']).default('max')

/** steps: seconds only for encoder taps. AST's bands are averaged into its columns, special tokens left out. */
const runSteps = { run: z.string(), steps: Span }
const hiddenFields = {
  /** encoder.hidden.<i> or decoder.hidden.<i> */
  tap: z.string(),
  /** half-open range of dimensions, counted in `order` */
  dimensions: StepRange,
  order: DimensionOrder.default('index'),
  /** the run whose dimensions the order is of, where it is another's */
  orderOf: z.string().optional(),
  width: Pixels,
  height: Pixels,
  pool,
}
export const HiddenQuery = z.object({ ...runSteps, ...hiddenFields })
/** `width`: of each part; `orderOf`: the first part's run, where it is left out */
export const HiddenWindowsQuery = z.object({ parts: z.array(z.object(runSteps)).min(1), ...hiddenFields })

/** rows: dimensions in the order asked for, the first at row 0; columns: steps in time */
export interface HiddenMap {
  raster: Raster
  /** which dimension each of the rows pooled into the raster is */
  indices: Int32Array
  /** where the columns lie in seconds; null for decoder taps (tokens) */
  grid: TimeGrid | null
  /** dimensions of the tap */
  dimensions: number
}

export const AttentionQuery = z.object({
  run: z.string(),
  /** encoder.attention.<l>, decoder.attention.<l> or cross.attention.<l> */
  tap: z.string(),
  heads: Heads,
  queries: Span,
  keys: Span,
  width: Pixels,
  height: Pixels,
  pool,
  ...weightFields,
})

/** rows: queries from the top down; columns: keys left to right. AST is folded onto its time columns (see `folded`). */
export interface AttentionMap {
  maps: { head: number | 'mean' | 'max' | 'alignment'; raster: Raster }[]
  /** seconds of the query rows and key columns; null where they are tokens */
  queryGrid: TimeGrid | null
  keyGrid: TimeGrid | null
  /** steps of both sequences as the map counts them (AST: columns) */
  queryCount: number
  keyCount: number
  /** mean share of a shown row's whole weight that lies on padding, 0 … 1 (of rows on audio, where there are any), also where that is left out; null where keys are tokens */
  paddingShare: number | null
  /** AST: summed over key bands, averaged over query bands, special tokens left out; their mean share of weight is given */
  folded: { specialShare: number } | null
}

export const AttentionLineQuery = z.object({
  run: z.string(),
  tap: z.string(),
  /** a list is averaged, as `mean` is over all heads */
  heads: Heads,
  /** `row`: the weights of one query over all keys; `column`: what every query gives one key; steps (AST: columns) */
  line: z.enum(['row', 'column']),
  index: z.number().int().nonnegative(),
  ...weightFields,
})

export interface AttentionLine {
  /** of every step of the grid; without padding of those on audio */
  values: Float32Array
  /** of a column: the greatest value on audio of each of its rows; null for a row */
  greatest: Float32Array | null
  /** where the values lie; null where they are tokens */
  grid: TimeGrid | null
  /** share of a row's weight on padding; null for columns and tokens */
  paddingShare: number | null
}

/** What is heard of the sound: what a row attends to, what it leaves over, or the same weights in other places. */
export const heardParts = ['attended', 'rest', 'random'] as const
export type HeardPart = (typeof heardParts)[number]

export const HearQuery = AttentionLineQuery.omit({ line: true, audioOnly: true }).extend({
  part: z.enum(heardParts),
  /** a gain in time, or (AST) one of every patch in time and frequency */
  mask: z.enum(['time', 'patches']).default('time'),
})
export type HearQuery = z.output<typeof HearQuery>

/** The sound of a run's region with one attention row as loudness (docs/hearing.md). */
export interface Hearing {
  /** a WAV file as `recordings.audio` answers: no louder and no quieter than the gain makes it */
  file: FileAnswer
  /** of every step on audio, 0 … 1; of patches the mean over their bands */
  gain: Float32Array
  grid: TimeGrid
  /** the gains [band, column] of patches, the tiling of the model's filters by them and the filters' centres in Hz; null for a gain in time alone */
  patches: { gains: Float32Array; bands: number; columns: number; layout: Tiling; centres: Float32Array } | null
  /** share of the sound's energy that is left, 0 … 1; 0 for silence */
  energy: number
}

export const AttentionMetricsQuery = z.object({
  run: z.string(),
  kind: z.enum(['encoder', 'decoder', 'cross']),
})

/** What one head does over all rows on audio (docs/metrics.md); null where it has no meaning. */
export interface HeadMetrics {
  /** mean distance of query and key: seconds, or tokens where a decoder attends to itself; null for cross-attention */
  distance: number | null
  /** nats */
  entropy: number
  /** 1 where every step looks at itself, 0 where each looks as far away as it can; null for cross-attention */
  diagonality: number | null
  /** share of the weight on padding; null where keys are tokens */
  padding: number | null
  /** share of the weight on the first step, token or column of patches */
  first: number
  /** share of the weight on special tokens; null where there are none */
  special: number | null
}

export interface AttentionMetrics {
  layers: { layer: number; heads: HeadMetrics[] }[]
}

/** layers */
export interface AttentionProgress {
  done: number
  total: number
}

export const saveFormats = ['npz', 'csv'] as const

/** One tap over all windows of a region as a file, without those that have not run. */
export interface SavedWindows extends FileAnswer {
  /** of the region; `missing` are those that have not run, from 0 on */
  windows: number
  missing: number[]
}

export interface SpectrogramMap {
  /** rows: frequency bins or mel bands, lowest first; columns: frames in time */
  raster: Raster
  /** where the columns lie */
  grid: TimeGrid
  /** centre frequency in Hz of every source row (bin or mel band) */
  hertz: Float32Array
  unit: 'dB' | 'log10 mel, normalised' | 'log mel, normalised'
  /** "STFT 1024/256 Hann", "Whisper's input: log-mel 80 × 3000" … */
  title: string
}

export interface SystemCard {
  version: string
  /** how the program runs, in words: "served to a browser", "Electron 45.4.1" */
  host: string
  ffmpeg: { found: boolean; version: string; reason: string }
  onnxruntime: string
  threads: number
  processes: { jobs: number | null; queries: number | null }
  cache: { bytes: number; limit: number; folder: string }
}

export interface EngineNotice {
  kind: 'recordings' | 'models' | 'inference-gone' | 'cache' | 'settings'
  /** a sentence for the page; empty where only lists changed */
  message: string
}

export const engine = {
  'system.card': query<SystemCard>()(z.object({})),
  'system.notices': topic<EngineNotice>(),
  /** a process tries each device: those that have answered come as parts; `again` tries also those that were tried before */
  'devices.list': stream<DeviceCard[], DeviceCard[]>()(z.object({ again: z.boolean().default(false) })),
  /** what earlier comparisons of this model found, newest first */
  'devices.verdicts': query<Verdict[]>()(z.object({ model: z.string() })),
  /** runs the model on a device and on the CPU over the same clip and keeps what was found; `auto` is no device */
  'devices.compare': stream<RunProgress, Verdict>()(RunInput),

  /** stays on this machine */
  'settings.read': query<SettingsCard>()(z.object({})),
  'settings.change': query<SettingsCard>()(SettingsChange),

  /** the files that are being opened: all of them at once, then whenever one has come further */
  'recordings.opening': topic<Opening[]>(),
  /** ends an opening, and the child that decodes; nothing is kept of it */
  'recordings.cancelOpening': query<null>()(z.object({ opening: z.number().int() })),
  /** whether the files of the open recordings are still what they were when they were opened */
  'recordings.look': query<FileState[]>()(z.object({})),
  /** opens what the file of a recording holds now, as a recording of its own */
  'recordings.reopen': query<Recording>()(z.object({ recording: z.string() })),
  'recordings.list': query<Recording[]>()(z.object({})),
  /** opens one channel of a recording as one of its own, or each; `bad-input` for one that is not there, and for more than `mostSplit` */
  'recordings.split': query<Recording[]>()(
    z.object({ recording: z.string(), channel: z.number().int().min(0).optional() }),
  ),
  'recordings.close': query<null>()(z.object({ recording: z.string() })),
  'recordings.peaks': query<Peaks>()(
    z.object({ recording: z.string(), range: RegionInput, columns: Pixels, heardBy: HeardBy.optional() }),
  ),
  'recordings.spectrogram': query<SpectrogramMap>()(SpectrogramQuery),
  'recordings.spectrogramTile': query<SpectrogramMap>()(SpectrogramTileQuery),
  /** a WAV file (16-bit, native rate and channels) of the region, for the page's audio element */
  'recordings.audio': query<FileAnswer>()(
    z.object({ recording: z.string(), region: RegionInput, heardBy: HeardBy.optional() }),
  ),

  'models.list': query<ModelCard[]>()(z.object({})),
  'models.inspect': query<Inspection>()(z.object({ model: z.string() })),
  /** the way of a clip that long through the model; 5 s unless said */
  'models.flow': query<ModelFlow>()(z.object({ model: z.string(), seconds: z.number().positive().default(5) })),
  /** what was found when the model's taps were last tried; null where they were not */
  'models.proof': query<ModelProof | null>()(z.object({ model: z.string() })),
  /** tries the model's taps on a short sound, and keeps what was found */
  'models.prove': stream<RunProgress, ModelProof>()(z.object({ model: z.string() })),

  /** the catalogue and what the cache holds; asks nobody */
  'hub.catalogue': query<HubCard[]>()(z.object({})),
  'hub.account': query<HubAccount>()(z.object({})),
  /** for as long as this engine runs; null forgets it */
  'hub.token': query<HubAccount>()(z.object({ token: z.string().min(1).nullable() })),
  /** asks the hub about a repository (a catalogue id or owner/name) */
  'hub.look': query<HubListing>()(PullInput),
  /** downloads a model; ending the call pauses it, and the next call goes on from there */
  'hub.pull': stream<PullProgress, ModelCard>()(PullInput),
  /** deletes what a paused download left */
  'hub.discard': query<null>()(z.object({ repo: RepoId })),
  /** deletes a model that Otoscope downloaded */
  'hub.remove': query<null>()(z.object({ repo: RepoId })),
  /** asks the hub whether what is here has changed there */
  'hub.updates': query<UpdateCard[]>()(z.object({})),

  /** the windows in which a region is heard, each of which is a run: one where the model hears all of it at once */
  'runs.windows': query<Window[]>()(RunInput),
  /** what a run would take, before anything is loaded */
  'runs.estimate': query<RunEstimate>()(RunInput),
  'runs.start': stream<RunProgress, Run>()(RunInput),
  /** the stored run of the same recording, region, model and options, or null */
  'runs.find': query<Run | null>()(RunInput),
  'runs.features': query<SpectrogramMap>()(
    z.object({ run: z.string(), range: RegionInput, width: Pixels, height: Pixels }),
  ),
  'runs.hidden': query<HiddenMap>()(HiddenQuery),
  /** a map for each part: of windows of a long region */
  'runs.hiddenWindows': query<HiddenMap[]>()(HiddenWindowsQuery),
  'runs.dimension': query<DimensionCurve>()(DimensionQuery),
  'runs.layerSizes': query<LayerSizes>()(LayerSizesQuery),
  'runs.layerSimilarity': query<LayerSimilarity>()(SimilarityQuery),
  'runs.trajectory': query<Trajectory>()(TrajectoryQuery),
  /** a rollout says which layer it has come to; of other weights there are no parts */
  'runs.attention': stream<AttentionProgress, AttentionMap>()(AttentionQuery),
  'runs.attentionLine': stream<AttentionProgress, AttentionLine>()(AttentionLineQuery),
  /** one row over patches, in time and frequency */
  'runs.attentionPatches': query<AttentionPatches>()(AttentionPatchesQuery),
  /** the sound of the region, as loud as an attention row weighs it; its recording must be open */
  'runs.hear': query<Hearing>()(HearQuery),
  /** a few numbers of every head of every layer */
  'runs.attentionMetrics': stream<AttentionProgress, AttentionMetrics>()(AttentionMetricsQuery),
  /** what a decoder wrote, in time: refused where the checkpoint names no alignment heads */
  'runs.words': query<Words>()(WordsQuery),
  /** how probable a CTC head finds each symbol at each step */
  'runs.scores': query<ScoreMap>()(ScoresQuery),
  /**
   * The numbers of one tap at full resolution, as a file. Attention may be limited to spans; with a span AST's is
   * folded onto its columns, as a pane shows it, and without one it is as the model computed it. `window`: of a region of several windows
   * the one whose run it is, for the file to say so.
   */
  'runs.save': query<FileAnswer>()(
    z.object({
      run: z.string(),
      tap: z.string(),
      format: z.enum(saveFormats),
      heads: LayerHeads.optional(),
      queries: Span.optional(),
      keys: Span.optional(),
      window: z
        .object({ index: z.number().int().nonnegative(), count: z.number().int().min(2), shown: RegionInput })
        .optional(),
    }),
  ),
  /** the same of all windows of a region that have run, joined as `export` joins them; its parts are shares of 1 */
  'runs.saveWindows': stream<number, SavedWindows>()(RunInput.extend({ tap: z.string(), format: z.enum(saveFormats) })),

  ...libraries,
  ...compare,
  ...regions,
  ...loudness,
  ...heardBy,
  ...raw,
  ...figures,

  /** kills and restarts the job process: hard cancel, and the way out of a hang */
  'inference.restart': query<null>()(z.object({})),
}

export type EngineClient = Client<typeof engine>
export type EngineHandlers = Handlers<typeof engine>
