import type { AttentionMap } from '../contract/engine.ts'
import { timeOf } from '../contract/grid.ts'
import type { Run } from '../contract/run.ts'
import type { Raster } from '../contract/tensor.ts'
import type { ColourScale, Figure, Panel } from './figure.ts'
import { attentionNote, countNote, percent, runNotes } from './notes.ts'
import { edgesOf, modelName, panelGrid, weightScale } from './panels.ts'
import { secondsText, timeAxis } from './time-axis.ts'

/** The two figures of encoder self-attention: every layer with its heads averaged, and every head of the last layer. */

/** One attention map with the answer it came in. */
export interface AttentionResult {
  run: Run
  layer: number
  answer: AttentionMap
}

interface Drawn {
  run: Run
  answer: AttentionMap
  raster: Raster
  label: string
}

/** A line of panels per recording, a panel per layer. */
export const encoderAttentionFigure = (rows: readonly AttentionResult[][]): Figure =>
  attentionFigure(
    'encoder-attention',
    (model, stretch) => `Encoder attention of ${model}: every layer, mean over heads, ${stretch}`,
    rows.map((row) =>
      row.map(({ run, layer, answer }) => ({ run, answer, raster: answer.maps[0]!.raster, label: `layer ${layer}` })),
    ),
  )

/** A line of panels per recording, a panel per head of the last layer. */
export const attentionHeadsFigure = (results: readonly AttentionResult[]): Figure =>
  attentionFigure(
    'attention-heads',
    (model, stretch) =>
      `Encoder attention of ${model}: layer ${results[0]?.layer ?? 0}, the last, each head, ${stretch}`,
    results.map(({ run, answer }) =>
      answer.maps.map(({ head, raster }) => ({ run, answer, raster, label: `head ${head}` })),
    ),
  )

const attentionFigure = (
  name: Figure['name'],
  title: (model: string, stretch: string) => string,
  rows: readonly Drawn[][],
): Figure => {
  const drawn = rows.flat()
  const colour = weightScale(drawn.map((each) => each.raster))
  return {
    name,
    title: title(drawn[0] ? modelName(drawn[0].run) : '', stretchOf(drawn)),
    ...panelGrid(rows.map((row) => row.map((each) => attentionPanel(each, colour)))),
    notes: [...runNotes(drawn.map((each) => each.run)), ...readingNotes(drawn), attentionNote],
    panelSize: { width: 190, height: 190 },
  }
}

/** "first 200 steps (4.0 s)", by the steps' true length */
const stretchOf = (drawn: readonly Drawn[]): string => {
  const counts = drawn.map(({ raster }) => raster.source.columns[1])
  const step = drawn[0] ? timeOf(drawn[0].run.grids.encoder).step : 0
  const texts = [...new Set(counts)].map((count) => `${count} steps (${secondsText(count * step)})`)
  return `first ${texts.join(' and ')}`
}

const readingNotes = (drawn: readonly Drawn[]): string[] => {
  const folded = drawn.find(({ answer }) => answer.folded)?.answer.folded
  return [
    'Rows are queries from the top down, columns are keys. Rows do not sum to 1: keys after the stretch shown and keys on padding hold the rest; the share on padding is given for each map. Colours: one log scale for all maps, padding left out.',
    ...(folded
      ? [
          'Folded onto time columns: summed over the bands of the keys, averaged over those of the queries; special tokens are left out.',
        ]
      : []),
    countNote,
  ]
}

const attentionPanel = ({ run, answer, raster, label }: Drawn, colour: ColourScale): Panel => {
  const grid = timeOf(run.grids.encoder)
  const x = edgesOf(answer.keyGrid ?? grid, raster.source.columns)
  const y = edgesOf(answer.queryGrid ?? grid, raster.source.rows)
  return {
    title: `${label} · ${run.recording.name}`,
    subtitle: sharesText(answer),
    x: timeAxis(x, 'the key'),
    y: { ...timeAxis(y, 'the query'), inverse: true },
    square: true,
    layers: [{ kind: 'heatmap', raster, x, y, colour }],
  }
}

const sharesText = ({ maps, paddingShare, folded }: AttentionMap): string => {
  const parts = [
    paddingShare === null ? '' : `${percent(paddingShare)} on padding${maps.length > 1 ? ', all heads' : ''}`,
    folded ? `${percent(folded.specialShare)} on special` : '',
  ]
  return parts.filter(Boolean).join(', ') || 'no padding'
}
