import type { AttentionMap } from '../contract/engine.ts'
import { timeOf } from '../contract/grid.ts'
import type { Run, TokenCard } from '../contract/run.ts'
import type { Figure, Panel } from './figure.ts'
import { attentionNote, countNote, percent, runNotes } from './notes.ts'
import { edgesOf, modelName, weightScale } from './panels.ts'
import { tokenText } from './text.ts'
import { timeAxis } from './time-axis.ts'

/** The last decoder layer's cross-attention, mean over heads: a row per token, keys on audio. */
export interface CrossResult {
  run: Run
  layer: number
  answer: AttentionMap
}

const rowHeight = 15
const plotHeight = (tokens: number): number => Math.min(880, Math.max(160, rowHeight * tokens))

export const crossAttentionFigure = (results: readonly CrossResult[]): Figure => {
  const tokens = Math.max(1, ...results.map(({ answer }) => answer.queryCount))
  const height = plotHeight(tokens)
  const colour = weightScale(results.map(({ answer }) => answer.maps[0]!.raster))
  return {
    name: 'cross-attention',
    title: `Cross-attention of ${results[0] ? modelName(results[0].run) : ''}: decoder layer ${results[0]?.layer ?? 0}, the last, mean over heads`,
    columns: results.length,
    panels: results.map((result) => crossPanel(result, colour, height)),
    notes: [
      ...runNotes(results.map(({ run }) => run)),
      'A row per decoder position, from the top down, labelled with the token it reads; while reading it, the model predicts the token of the next row. P marks the prompt, which is given and not generated; a line ends it. From one pass over all tokens.',
      `Colours: one log scale for all maps; keys on padding are left out, their share of the weight is given. ${countNote}`,
      attentionNote,
    ],
    panelSize: { width: 460, height },
  }
}

const crossPanel = (
  { run, layer, answer }: CrossResult,
  colour: ReturnType<typeof weightScale>,
  height: number,
): Panel => {
  const { raster } = answer.maps[0]!
  const tokens = run.result.tokens ?? []
  const prompt = promptLength(tokens)
  const ends = edgesOf(answer.keyGrid ?? timeOf(run.grids.encoder), raster.source.columns)
  const [first, end] = raster.source.rows
  const line = { kind: 'curve' as const, x: Float64Array.from(run.region), y: Float64Array.of(prompt, prompt) }
  return {
    title: run.recording.name,
    subtitle: `cross.attention.${layer} · ${end - first} tokens, ${prompt} of them prompt · ${percent(answer.paddingShare ?? 0)} of the weight on padding`,
    x: timeAxis(run.region),
    y: { title: 'Token', range: [first, end], inverse: true, ticks: tokenTicks(tokens, end - first, height) },
    layers: [
      { kind: 'heatmap', raster, x: ends, y: [first, end], colour },
      ...(prompt > 0 && prompt < end ? [{ ...line, area: false, colour: '#ffffff', name: 'the prompt ends' }] : []),
    ],
  }
}

/** Tokens before the first one that was not forced; 0 where all were given. */
export const promptLength = (tokens: readonly TokenCard[]): number =>
  Math.max(
    0,
    tokens.findIndex((token) => !token.forced),
  )

/** A label per row, or for every nth row where they would not fit. */
const tokenTicks = (tokens: readonly TokenCard[], rows: number, height: number): { at: number; label: string }[] => {
  const every = Math.max(1, Math.ceil((13 * rows) / height))
  const prompt = promptLength(tokens)
  return tokens
    .slice(0, rows)
    .map((token, i) => ({ at: i + 0.5, label: `${i < prompt ? 'P ' : ''}${tokenText(token.text)}  ${i}` }))
    .filter((_, i) => i % every === 0)
}
