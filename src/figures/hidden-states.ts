import type { HiddenMap } from '../contract/engine.ts'
import { isPatchGrid, timeOf } from '../contract/grid.ts'
import type { Run } from '../contract/run.ts'
import type { ColourScale, Figure, Panel } from './figure.ts'
import { countNote, runNotes } from './notes.ts'
import { edgesOf, modelName, percentile } from './panels.ts'
import { shortNumber } from './ticks.ts'
import { timeAxis } from './time-axis.ts'

/** The last hidden state of a run: its steps on audio, the first dimensions. */
export interface HiddenResult {
  run: Run
  map: HiddenMap
}

/** as many as the notebook showed; said in the title */
export const firstDimensions = 128
const share = 0.99

/** A row per model, a column per recording; the models' own ranges, each shared by all recordings. */
export const hiddenStatesFigure = (rows: readonly HiddenResult[][]): Figure => {
  const runs = rows.flat().map((result) => result.run)
  const fewer = rows.flat().some(({ map }) => map.dimensions < firstDimensions)
  const patches = rows.flat().find(({ run }) => isPatchGrid(run.grids.encoder))
  return {
    name: 'hidden-states',
    title: `Last hidden state of the encoder, first ${firstDimensions} dimensions${fewer ? ', or all of fewer' : ''}`,
    columns: Math.max(1, rows[0]?.length ?? 1),
    panels: rows.flatMap((row) => {
      const colour = signedScale(row)
      return row.map((result) => hiddenPanel(result, colour))
    }),
    notes: [
      ...runNotes(runs),
      ...(patches ? [bandNote(patches.run)] : []),
      `Colours: centred on 0, one range per model for all recordings; it ends at the ${share * 100}th percentile of the magnitudes shown, beyond which values are drawn in the end colour. Steps on padding are left out. ${countNote}`,
    ],
    panelSize: { width: 450, height: 200 },
  }
}

const signedScale = (row: readonly HiddenResult[]): ColourScale => {
  const limit =
    percentile(
      row.map(({ map }) => map.raster),
      share,
      Math.abs,
    ) || 1
  return { map: 'rdbu', low: -limit, high: limit, scale: 'linear', unit: 'activation' }
}

const bandNote = (run: Run): string => {
  const grid = run.grids.encoder
  const bands = isPatchGrid(grid) ? grid.bands : 1
  return `${run.model.id}: a column is the mean over the ${bands} frequency bands of one moment; special tokens are left out.`
}

const hiddenPanel = ({ run, map }: HiddenResult, colour: ColourScale): Panel => {
  const { raster } = map
  const grid = map.grid ?? timeOf(run.grids.encoder)
  const [first, end] = raster.source.rows
  const patches = isPatchGrid(run.grids.encoder) ? `mean of ${run.grids.encoder.bands} bands` : ''
  const steps = `${grid.valid} of ${grid.count} steps`
  const parts = [`encoder.hidden.${run.encoder.layers}`, steps, `${shortNumber(grid.step * 1000)} ms`, patches]
  return {
    title: `${modelName(run)} · ${run.recording.name}`,
    subtitle: `${parts.filter(Boolean).join(' · ')} · dims ${first}–${end - 1} of ${map.dimensions}`,
    x: timeAxis(run.region),
    y: { title: 'Dimension', range: [first, end] },
    layers: [{ kind: 'heatmap', raster, x: edgesOf(grid, raster.source.columns), y: [first, end], colour }],
  }
}
