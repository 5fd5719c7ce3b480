import type { HiddenMap } from '../contract/engine.ts'
import { isPatchGrid, timeOf, type TimeGrid } from '../contract/grid.ts'
import type { Run } from '../contract/run.ts'
import type { Range } from '../contract/tensor.ts'
import type { HeardWindow } from '../contract/windows.ts'
import type { ColourScale, Curve, Figure, Heatmap, Panel } from './figure.ts'
import { countNote, runNotes } from './notes.ts'
import { overRegion, regionOf } from './over-region.ts'
import { edgesOf, modelName, percentile } from './panels.ts'
import { shortNumber } from './ticks.ts'
import { timeAxis } from './time-axis.ts'

/** The last hidden state over a region: of each of its windows the steps on audio that it shows, the first dimensions. */
export interface HiddenResult {
  windows: readonly HeardWindow[]
  maps: readonly HiddenMap[]
}

/** as many as the notebook showed; said in the title */
export const firstDimensions = 128
const share = 0.99

/** A row per model, a column per recording; the models' own ranges, each shared by all recordings. */
export const hiddenStatesFigure = (rows: readonly HiddenResult[][]): Figure => {
  const runs = rows.flat().flatMap(({ windows }) => overRegion(windows))
  const fewer = rows.flat().some(({ maps }) => maps.some(({ dimensions }) => dimensions < firstDimensions))
  const patches = runs.find((run) => isPatchGrid(run.grids.encoder))
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
      ...(patches ? [bandNote(patches)] : []),
      ...seamNotes(rows.flat()),
      `Colours: centred on 0, one range per model for all recordings; it ends at the ${share * 100}th percentile of the magnitudes shown, beyond which values are drawn in the end colour. Steps on padding are left out. ${countNote}`,
    ],
    panelSize: { width: 450, height: 200 },
  }
}

const signedScale = (row: readonly HiddenResult[]): ColourScale => {
  const limit =
    percentile(
      row.flatMap(({ maps }) => maps.map(({ raster }) => raster)),
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

const seamNotes = (results: readonly HiddenResult[]): string[] => {
  const counts = results
    .filter(({ windows }) => windows.length > 1)
    .map(
      ({ windows }) =>
        `${windows[0]!.run.model.id} heard ${windows[0]!.run.recording.name} in ${windows.length} windows`,
    )
  if (counts.length === 0) return []
  return [
    `${[...new Set(counts)].join('; ')}: each was run by itself, and a line stands at each seam where there is room.`,
  ]
}

/** more lines than this would hide the map */
const mostSeams = 60

const seamsOf = ({ windows }: HiddenResult, [low, high]: Range): Curve[] =>
  windows.length - 1 > mostSeams
    ? []
    : windows.slice(1).map(({ window: { shown } }) => ({
        kind: 'curve',
        x: Float64Array.of(shown[0], shown[0]),
        y: Float64Array.of(low, high),
        area: false,
        colour: '#000000',
        name: 'seam',
      }))

const hiddenPanel = (result: HiddenResult, colour: ColourScale): Panel => {
  const { windows, maps } = result
  const [{ run }, { raster: first, dimensions }] = [windows[0]!, maps[0]!]
  const gridOf = (map: HiddenMap, i: number): TimeGrid => map.grid ?? timeOf(windows[i]!.run.grids.encoder)
  const y: Range = first.source.rows
  const grid = gridOf(maps[0]!, 0)
  const patches = isPatchGrid(run.grids.encoder) ? `mean of ${run.grids.encoder.bands} bands` : ''
  const steps = windows.length === 1 ? `${grid.valid} of ${grid.count} steps` : `${windows.length} windows`
  const parts = [`encoder.hidden.${run.encoder.layers}`, steps, `${shortNumber(grid.step * 1000)} ms`, patches]
  return {
    title: `${modelName(run)} · ${run.recording.name}`,
    subtitle: `${parts.filter(Boolean).join(' · ')} · dims ${y[0]}–${y[1] - 1} of ${dimensions}`,
    x: timeAxis(windows.length === 1 ? run.region : regionOf(windows)),
    y: { title: 'Dimension', range: [y[0], y[1]] },
    layers: [
      ...maps.map((map, i): Heatmap => {
        const { raster } = map
        return { kind: 'heatmap', raster, x: edgesOf(gridOf(map, i), raster.source.columns), y, colour }
      }),
      ...seamsOf(result, y),
    ],
  }
}
