import type { EngineClient, FigureName } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { timeOf } from '../../contract/grid.ts'
import type { DeviceId, Run, RunOptions, RunProgress } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { attentionOverSpectrogramFigure, summedRows } from '../../figures/attention-over-spectrogram.ts'
import { crossAttentionFigure } from '../../figures/cross-attention.ts'
import type { Figure } from '../../figures/figure.ts'
import { firstDimensions, hiddenStatesFigure, type HiddenResult } from '../../figures/hidden-states.ts'
import { attentionHeadsFigure, encoderAttentionFigure, type AttentionResult } from '../../figures/self-attention.ts'

/** The engine's own calls that figures are made of: the page's button, `figures.draw` and `report` share them. */
export type FigureClient = Pick<EngineClient, 'runs.start' | 'runs.hidden' | 'runs.attention' | 'runs.features'>

export interface FigureRequest {
  figure: FigureName
  recordings: { recording: string; region: Range }[]
  models: string[]
  options: RunOptions
  device: DeviceId
}

export interface DrawContext {
  signal?: AbortSignal
  part?: (progress: RunProgress) => void
}

/** Runs whatever is not in the store yet and draws one figure. Throws `bad-input` where no model given has a decoder and the figure needs one. */
export const drawFigure = async (
  client: FigureClient,
  request: FigureRequest,
  context: DrawContext,
): Promise<Figure> => {
  const rows = await startRuns(client, request, context)
  return figureOfRuns(client, request.figure, rows, context)
}

/** A row of runs per model, a column per recording. */
export const startRuns = async (
  client: FigureClient,
  request: Omit<FigureRequest, 'figure'>,
  { signal, part }: DrawContext,
): Promise<Run[][]> => {
  const { options, device } = request
  const call = { ...(signal ? { signal } : {}), ...(part ? { onPart: part } : {}) }
  const rows: Run[][] = []
  for (const model of request.models) {
    const row: Run[] = []
    for (const { recording, region } of request.recordings)
      row.push(await client['runs.start']({ recording, region, model, options, device }, call))
    rows.push(row)
  }
  return rows
}

/** The runs that attention figures show: those of the first encoder-decoder, else of the first model. */
const attentionRuns = (rows: readonly Run[][]): Run[] =>
  rows.find((row) => row[0]?.model.type === 'encoder-decoder') ?? rows[0] ?? []

export const hasCross = (rows: readonly Run[][]): boolean => attentionRuns(rows)[0]?.decoder !== undefined

export const needsCross = (figure: FigureName): boolean =>
  figure === 'cross-attention' || figure === 'attention-over-spectrogram'

/** Draws one figure of runs that are in the store. */
export const figureOfRuns = async (
  client: FigureClient,
  figure: FigureName,
  rows: Run[][],
  { signal }: DrawContext,
): Promise<Figure> => {
  const ask = new Questions(client, signal)
  const shown = attentionRuns(rows)
  if (needsCross(figure) && !hasCross(rows))
    throw new EngineError('bad-input', `${figure} needs a model with a decoder, such as Whisper: choose one`)
  switch (figure) {
    case 'hidden-states':
      return hiddenStatesFigure(await inOrder(rows, (row) => inOrder(row, (run) => ask.hidden(run))))
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

  async hidden(run: Run): Promise<HiddenResult> {
    const steps = onAudio(run)
    const map = await this.client['runs.hidden'](
      {
        run: run.id,
        tap: `encoder.hidden.${run.encoder.layers}`,
        steps: { unit: 'step', range: [0, steps] },
        dimensions: [0, Math.min(firstDimensions, run.encoder.width)],
        width: pixels(steps),
        height: Math.min(firstDimensions, run.encoder.width),
        pool: 'mean',
      },
      this.call,
    )
    return { run, map }
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
