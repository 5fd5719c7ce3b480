import type { AttentionLine, AttentionMap } from '../../contract/engine.ts'
import type { Range, Raster } from '../../contract/tensor.ts'
import type { ColourScale } from '../../figures/figure.ts'
import { cellsBefore } from '../../signal/reduce.ts'
import { decades, weightScale } from './scale.ts'
import type { Settings } from '../stores/settings.ts'

/** How weights become colours and heights (docs/weights.md). Weights stay what they are; padding is never what others are measured by. */

export type Contrast = Settings['attention']['contrast']

export const contrastText: Record<Contrast, { label: string; unit: string }> = {
  log: { label: 'log', unit: 'weight, log' },
  linear: { label: 'linear', unit: 'weight' },
  percentile: { label: 'percentile', unit: 'percentile' },
  row: { label: 'by row', unit: 'of its row’s greatest' },
}

interface Contrasted {
  raster: Raster
  colour: ColourScale
}

/** Cells of a raster that lie on audio: those before them in rows and columns. */
interface Audible {
  rows: number
  columns: number
}

export const audibleCells = (raster: Raster, { queryGrid, keyGrid }: AttentionMap): Audible => {
  const { rows, columns, source } = raster
  return {
    rows: cellsBefore(source.rows, rows, queryGrid?.valid ?? Infinity),
    columns: cellsBefore(source.columns, columns, keyGrid?.valid ?? Infinity),
  }
}

/** `range`: the weights that the colours run over, where they show weights and not ranks. */
export const contrasted = (raster: Raster, contrast: Contrast, range: Range, audible: Audible): Contrasted => {
  const { unit } = contrastText[contrast]
  if (contrast === 'percentile') {
    const rank = ranksAmong(audibleValues(raster, audible))
    return shown({ ...raster, data: raster.data.map(rank) }, 100, unit)
  }
  if (contrast === 'row') return shown(byRow(raster, audible), 1, unit)
  return { raster, colour: weightScale(range, contrast, 'viridis') }
}

const shown = (raster: Raster, high: number, unit: string): Contrasted => ({
  raster: { ...raster, low: 0, high },
  colour: { map: 'viridis', low: 0, high, scale: 'linear', unit },
})

const audibleValues = ({ columns, data }: Raster, audible: Audible): Float32Array => {
  const values = new Float32Array(audible.rows * audible.columns)
  for (let row = 0; row < audible.rows; row++)
    values.set(data.subarray(row * columns, row * columns + audible.columns), row * audible.columns)
  return values
}

/** Share in percent of `values` that are smaller than a value; those that equal it count half. */
const ranksAmong = (values: Float32Array): ((value: number) => number) => {
  const sorted = values.slice().sort()
  const smaller = (value: number, orEqual: boolean): number => {
    let [from, to] = [0, sorted.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (sorted[middle]! < value || (orEqual && sorted[middle] === value)) from = middle + 1
      else to = middle
    }
    return from
  }
  return (value) => (50 * (smaller(value, false) + smaller(value, true))) / Math.max(1, sorted.length)
}

const byRow = (raster: Raster, audible: Audible): Raster => {
  const data = raster.data.slice()
  for (let from = 0; from < data.length; from += raster.columns) {
    let most = 0
    for (let i = from; i < from + audible.columns; i++) most = Math.max(most, data[i]!)
    for (let i = from; i < from + raster.columns; i++) data[i] = most > 0 ? data[i]! / most : 0
  }
  return { ...raster, data }
}

/** A line as heights 0 … 1, by the same contrast: its greatest value is 1, but for a column by row, where 1 is each row's greatest. */
export const lineHeights = ({ values, greatest }: AttentionLine, contrast: Contrast): Float32Array => {
  const most = values.reduce((a, b) => Math.max(a, b), 1e-12)
  if (contrast === 'percentile') {
    const rank = ranksAmong(values)
    return values.map((value) => rank(value) / 100)
  }
  if (contrast === 'log') {
    const least = Math.log(decades)
    return values.map((value) => Math.max(0, 1 - Math.log(Math.max(value, most * decades) / most) / least))
  }
  const top = contrast === 'row' ? greatest : null
  return values.map((value, i) => Math.min(1, value / Math.max(top?.[i] ?? most, 1e-12)))
}
