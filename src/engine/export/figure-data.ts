import type { EngineClient } from '../../contract/engine.ts'
import type { FigureName } from '../../contract/figures.ts'
import { EngineError } from '../../contract/errors.ts'
import { timeOf } from '../../contract/grid.ts'
import { stepsShown } from '../../contract/joined.ts'
import type { DeviceId, Run, RunOptions, RunProgress } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { windowAt, type HeardWindow } from '../../contract/windows.ts'
import { attentionOverSpectrogramFigure, summedRows } from '../../figures/attention-over-spectrogram.ts'
import { crossAttentionFigure } from '../../figures/cross-attention.ts'
import type { Figure } from '../../figures/figure.ts'
import { firstDimensions, hiddenStatesFigure, type HiddenResult } from '../../figures/hidden-states.ts'
import { regionText } from '../../figures/time-axis.ts'
import { heardNotes } from './heard-notes.ts'
import { runWindows, type WindowClient } from './run-windows.ts'
import { attentionHeadsFigure, encoderAttentionFigure, type AttentionResult } from '../../figures/self-attention.ts'

/** The engine's own calls that figures are made of: the page's button, `figures.draw` and `report` share them. */
export type FigureClient = WindowClient &
  Pick<EngineClient, 'runs.hidden' | 'runs.attention' | 'runs.features' | 'recordings.heardBy'>

export interface FigureRequest {
  figure: FigureName
  /** `at`: a moment of the window whose attention is drawn; the first unless given */
  recordings: { recording: string; region: Range; at?: number | undefined }[]
  models: string[]
  options: RunOptions
  device: DeviceId
  /** say what the models hear of the recordings; where sound is drawn it is said anyway */
  heard?: boolean
}

export interface DrawContext {
  signal?: AbortSignal
  part?: (progress: RunProgress) => void
  /** of each recording a moment of the window whose attention is drawn; the first window's where there is none */
  moments?: readonly (number | undefined)[]
  heard?: boolean | undefined
}

/** Runs whatever is not in the store yet and draws one figure. Throws `bad-input` where no model given has a decoder and the figure needs one. */
export const drawFigure = async (
  client: FigureClient,
  request: FigureRequest,
  context: DrawContext,
): Promise<Figure> => {
  const rows = await startRuns(client, request, context)
  const moments = request.recordings.map(({ at }) => at)
  return figureOfRuns(client, request.figure, rows, { ...context, moments, heard: request.heard })
}

/** A row per model, a column per recording: the runs of its region's windows. */
export const startRuns = async (
  client: FigureClient,
  request: Omit<FigureRequest, 'figure'>,
  { signal, part }: DrawContext,
): Promise<HeardWindow[][][]> => {
  const { options, device } = request
  const rows: HeardWindow[][][] = []
  for (const model of request.models) {
    const row: HeardWindow[][] = []
    for (const { recording, region } of request.recordings)
      row.push(await runWindows(client, { recording, region, model, options, device }, { signal, part }))
    rows.push(row)
  }
  return rows
}

type Rows = readonly (readonly HeardWindow[])[][]

/** The runs that attention figures show, of each recording's windows one: those of the first encoder-decoder, else of the first model. */
const attentionWindows = (rows: Rows): readonly (readonly HeardWindow[])[] =>
  rows.find(([windows]) => windows?.[0]?.run.model.type === 'encoder-decoder') ?? rows[0] ?? []

const lookedInto = (
  row: readonly (readonly HeardWindow[])[],
  moments: DrawContext['moments'],
): { run: Run; note: string }[] =>
  row.map((windows, column) => {
    const at = windowAt(
      windows.map(({ window }) => window),
      moments?.[column] ?? -Infinity,
    )
    const { run } = windows[at]!
    const { name } = run.recording
    const note = `${name}: window ${at + 1} of ${windows.length}, ${regionText(run.region)}; attention stays within a window.`
    return { run, note: windows.length > 1 ? note : '' }
  })

export const hasCross = (rows: Rows): boolean => attentionWindows(rows)[0]?.[0]?.run.decoder !== undefined

export const needsCross = (figure: FigureName): boolean =>
  figure === 'cross-attention' || figure === 'attention-over-spectrogram'

/** Draws one figure of runs that are in the store. */
export const figureOfRuns = async (
  client: FigureClient,
  figure: FigureName,
  rows: Rows,
  { signal, moments, heard }: DrawContext,
): Promise<Figure> => {
  const ask = new Questions(client, signal)
  if (needsCross(figure) && !hasCross(rows))
    throw new EngineError('bad-input', `${figure} needs a model with a decoder, such as Whisper: choose one`)
  const drawn = await (figure === 'hidden-states'
    ? ask.hiddenStates(rows)
    : attentionFigure(ask, figure, lookedInto(attentionWindows(rows), moments)))
  if (!heard && figure !== 'attention-over-spectrogram') return drawn
  const shown = figure === 'hidden-states' ? rows : [attentionWindows(rows)]
  const runs = shown.flatMap((row) => lookedInto(row, moments).map(({ run }) => run))
  return { ...drawn, notes: [...drawn.notes, ...(await heardNotes(client, runs, signal ? { signal } : {}))] }
}

const attentionFigure = async (
  ask: Questions,
  figure: Exclude<FigureName, 'hidden-states'>,
  looked: ReturnType<typeof lookedInto>,
): Promise<Figure> => {
  const drawn = await attentionOf(
    ask,
    figure,
    looked.map(({ run }) => run),
  )
  return { ...drawn, notes: [...looked.flatMap(({ note }) => note || []), ...drawn.notes] }
}

const attentionOf = async (
  ask: Questions,
  figure: Exclude<FigureName, 'hidden-states'>,
  shown: Run[],
): Promise<Figure> => {
  switch (figure) {
    case 'encoder-attention':
      return encoderAttentionFigure(await inOrder(shown, (run) => ask.everyLayer(run)))
    case 'attention-heads':
      return attentionHeadsFigure(await inOrder(shown, (run) => ask.everyHead(run)))
    case 'cross-attention':
      return crossAttentionFigure(await inOrder(shown, (run) => ask.cross(run)))
    case 'attention-over-spectrogram':
      return attentionOverSpectrogramFigure(await inOrder(shown, (run) => ask.overSpectrogram(run)))
  }
}

/** One after the other: they are answered by one process, and a hundred maps at once would only wait there. */
const inOrder = async <In, Out>(items: readonly In[], ask: (item: In) => Promise<Out>): Promise<Out[]> => {
  const answers: Out[] = []
  for (const item of items) answers.push(await ask(item))
  return answers
}

const firstSteps = 200
const mostPixels = 2000
const pixels = (count: number): number => Math.min(mostPixels, Math.max(1, count))

/** What the figures ask about one run, limited to steps on audio. */
class Questions {
  private readonly client: FigureClient
  private readonly call: { signal?: AbortSignal }

  constructor(client: FigureClient, signal: AbortSignal | undefined) {
    this.client = client
    this.call = signal ? { signal } : {}
  }

  async hiddenStates(rows: Rows): Promise<Figure> {
    return hiddenStatesFigure(await inOrder(rows, (row) => inOrder(row, (windows) => this.hidden(windows))))
  }

  /** of each window what it shows */
  private async hidden(windows: readonly HeardWindow[]): Promise<HiddenResult> {
    const maps = await inOrder(windows, ({ window, run }) => {
      const [from, end] = stepsShown(timeOf(run.grids.encoder), run.region, window.shown)
      const steps: Range = [from, Math.max(from + 1, end)]
      return this.client['runs.hidden'](
        {
          run: run.id,
          tap: `encoder.hidden.${run.encoder.layers}`,
          steps: { unit: 'step', range: steps },
          dimensions: [0, Math.min(firstDimensions, run.encoder.width)],
          width: Math.min(pixels(steps[1] - steps[0]), Math.ceil(mostPixels / windows.length)),
          height: Math.min(firstDimensions, run.encoder.width),
          pool: 'mean',
        },
        this.call,
      )
    })
    return { windows, maps }
  }

  everyLayer(run: Run): Promise<AttentionResult[]> {
    const layers = Array.from({ length: run.encoder.layers }, (_, layer) => layer)
    return inOrder(layers, (layer) => this.encoder(run, layer, 'mean'))
  }

  everyHead(run: Run): Promise<AttentionResult> {
    const heads = Array.from({ length: run.encoder.heads }, (_, head) => head)
    return this.encoder(run, run.encoder.layers - 1, heads)
  }

  private async encoder(run: Run, layer: number, heads: 'mean' | number[]): Promise<AttentionResult> {
    const steps = Math.min(firstSteps, onAudio(run))
    const span = { unit: 'step' as const, range: [0, steps] as Range }
    const tap = `encoder.attention.${layer}`
    const input = { run: run.id, tap, heads, queries: span, keys: span, width: steps, height: steps }
    return { run, layer, answer: await this.client['runs.attention'](input, this.call) }
  }

  async cross(run: Run) {
    const layer = lastDecoderLayer(run)
    const keys = { unit: 'step' as const, range: [0, onAudio(run)] as Range }
    const answer = await this.crossMap(run, layer, [0, tokenCount(run)], keys, pixels(onAudio(run)))
    return { run, layer, answer }
  }

  async overSpectrogram(run: Run) {
    const layer = lastDecoderLayer(run)
    const columns = timeOf(run.grids.encoder).count
    const answer = await this.crossMap(run, layer, summedRows(run), { unit: 'all' }, columns)
    const frames = Math.round((run.region[1] - run.region[0]) / run.grids.features.step)
    const size = { width: pixels(frames), height: 128 }
    const features = await this.client['runs.features']({ run: run.id, range: run.region, ...size }, this.call)
    return { run, layer, answer, features }
  }

  private crossMap(
    run: Run,
    layer: number,
    rows: Range,
    keys: { unit: 'all' } | { unit: 'step'; range: Range },
    width: number,
  ) {
    const queries = { unit: 'step' as const, range: rows }
    const [tap, height] = [`cross.attention.${layer}`, rows[1] - rows[0]]
    return this.client['runs.attention']({ run: run.id, tap, heads: 'mean', queries, keys, width, height }, this.call)
  }
}

const onAudio = (run: Run): number => Math.max(1, timeOf(run.grids.encoder).valid)
const lastDecoderLayer = (run: Run): number => (run.decoder?.layers ?? 1) - 1
const tokenCount = (run: Run): number => run.result.tokens?.length ?? 1
