import type { AttentionMap, SpectrogramMap } from '../contract/engine.ts'
import { secondsAt, timeOf } from '../contract/grid.ts'
import type { Run } from '../contract/run.ts'
import type { Raster } from '../contract/tensor.ts'
import { promptLength } from './cross-attention.ts'
import type { ColourScale, Figure, Panel } from './figure.ts'
import { attentionNote, percent, runNotes } from './notes.ts'
import { edgesOf, extent, modelName } from './panels.ts'
import { accentOf } from './theme.ts'
import { timeAxis } from './time-axis.ts'

/** The mel spectrogram of a run's input over its total cross-attention, on one axis. */
export interface OverResult {
  run: Run
  layer: number
  features: SpectrogramMap
  /** rows: the decoder positions that are summed; columns: all keys, padding included, one each */
  answer: AttentionMap
}

interface Total {
  /** per key on audio */
  values: Float32Array
  paddingShare: number
}

export const attentionOverSpectrogramFigure = (results: readonly OverResult[]): Figure => {
  const totals = results.map(totalAttention)
  const [low, high] = extent(results.map(({ features }) => features.raster))
  const unit = results[0]?.features.unit ?? ''
  const colour: ColourScale = { map: 'magma', low, high: high > low ? high : low + 1, scale: 'linear', unit }
  const most = Math.max(1e-9, ...totals.map(({ values }) => extent([asRaster(values)])[1]))
  return {
    name: 'attention-over-spectrogram',
    title: `Input of ${results[0] ? modelName(results[0].run) : ''} and its total cross-attention: decoder layer ${results[0]?.layer ?? 0}, mean over heads`,
    columns: results.length,
    panels: [
      ...results.map((result) => melPanel(result, colour)),
      ...results.map((result, i) => totalPanel(result, totals[i]!, most, accentOf(i))),
    ],
    notes: [
      ...runNotes(results.map(({ run }) => run)),
      'Total: the weights of the rows summed, per 20 ms key, heads averaged. Both axes are seconds of the recording. Padding is not drawn and takes no part in the ranges; its share of the total is given. Ranges are shared by the recordings.'.replace(
        '20 ms',
        `${Math.round((results[0] ? timeOf(results[0].run.grids.encoder).step : 0.02) * 1000)} ms`,
      ),
      attentionNote,
    ],
    panelSize: { width: 460, height: 170 },
  }
}

/** Half-open range of decoder positions that are summed: those that read generated tokens; all where every token was given. */
export const summedRows = (run: Run): [number, number] => {
  const tokens = run.result.tokens ?? []
  return [promptLength(tokens), tokens.length]
}

const asRaster = (data: Float32Array): Raster => ({
  rows: 1,
  columns: data.length,
  data,
  source: { rows: [0, 1], columns: [0, data.length] },
  low: 0,
  high: 0,
})

const totalAttention = ({ run, answer }: OverResult): Total => {
  const { rows, columns, data } = answer.maps[0]!.raster
  const sums = new Float64Array(columns)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) sums[c]! += data[r * columns + c]!
  const { valid } = answer.keyGrid ?? timeOf(run.grids.encoder)
  const all = sums.reduce((sum, value) => sum + value, 0)
  const heard = sums.subarray(0, valid).reduce((sum, value) => sum + value, 0)
  return { values: Float32Array.from(sums.subarray(0, valid)), paddingShare: all > 0 ? 1 - heard / all : 0 }
}

const melPanel = ({ run, features }: OverResult, colour: ColourScale): Panel => {
  const { raster, grid, hertz } = features
  return {
    title: `${run.recording.name} · input`,
    subtitle: features.title,
    x: timeAxis(run.region),
    y: { title: 'Mel band', range: raster.source.rows, ticks: bandTicks(hertz) },
    layers: [{ kind: 'heatmap', raster, x: edgesOf(grid, raster.source.columns), y: raster.source.rows, colour }],
  }
}

const marks = [250, 500, 1000, 2000, 4000, 8000]

/** Frequencies at the bands whose centres are nearest to them. */
const bandTicks = (hertz: Float32Array): { at: number; label: string }[] =>
  marks
    .filter((mark) => mark <= (hertz.at(-1) ?? 0) * 1.06)
    .map((mark) => {
      const nearest = hertz.reduce(
        (best, value, i) => (Math.abs(value - mark) < Math.abs(hertz[best]! - mark) ? i : best),
        0,
      )
      return { at: nearest + 0.5, label: mark < 1000 ? `${mark} Hz` : `${mark / 1000} kHz` }
    })

const totalPanel = ({ run, answer }: OverResult, total: Total, most: number, colour: string): Panel => {
  const grid = answer.keyGrid ?? timeOf(run.grids.encoder)
  const [first, end] = summedRows(run)
  const rows = first === 0 ? `all ${end} given tokens` : `${end - first} generated tokens`
  return {
    title: `${run.recording.name} · total cross-attention`,
    subtitle: `sum over ${rows} · ${percent(total.paddingShare)} of it on padding`,
    x: timeAxis(run.region),
    y: { title: 'Weight', range: [0, most * 1.05] },
    layers: [
      {
        kind: 'curve',
        x: Float64Array.from(total.values, (_, i) => secondsAt(grid, i)),
        y: total.values,
        area: true,
        colour,
        name: 'total cross-attention',
      },
    ],
  }
}
