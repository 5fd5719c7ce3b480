import { computed, ref, watch, type ComputedRef } from 'vue'
import { edgeAt, stepAt } from '../../../contract/grid.ts'
import type { Range } from '../../../contract/tensor.ts'
import { reading } from '../../format.ts'
import { providerSuffix } from '../../run-facts.ts'
import { useSettings } from '../../stores/settings.ts'
import { useColumn } from '../column.ts'
import { enlarge, type Enlarged } from '../panel.ts'
import { cellAt } from './cells.ts'
import type { Chosen } from './chosen.ts'
import { useHiddenRaster } from './hidden-raster.ts'
import { orderText } from './order-text.ts'

/** A hidden state as a map: dimensions up, time to the right, as the timeline shows it. One row is looked at, one dimension chosen. */
export const useHiddenMap = (chosen: Chosen, height: ComputedRef<number>) => {
  const { run, stack, tap, dimensions } = chosen
  const column = useColumn()
  const settings = useSettings()
  const { query, grid, shown, colour, draw } = useHiddenRaster(chosen, {
    name: 'hidden',
    height: () => height.value,
    wanted: () => settings.hidden.view === 'map',
  })

  const indices = computed(() => shown.value?.indices ?? null)
  const rows = computed(() => indices.value?.length ?? 0)
  /** a row of those shown, from the bottom */
  const looked = ref<number | null>(null)
  watch([tap, dimensions, () => settings.hidden.order], () => (looked.value = null))
  const ticks = computed(() => {
    const [first, end] = dimensions.value
    const label = (row: number): string => String(indices.value?.[row] ?? first + row)
    const count = end - first
    return [
      { at: 0, label: label(0) },
      { at: 0.5, label: label(Math.floor(count / 2)) },
      { at: 1, label: label(count - 1) },
    ]
  })
  const subtitle = computed(() => {
    if (!run.value) return 'what each layer computes'
    const [first, end] = dimensions.value
    const padded = grid.value && grid.value.valid < grid.value.count
    const tokens = run.value.result.tokens?.length ?? 0
    const steps = grid.value ? grid.value.count : `${tokens} tokens, left to right,`
    const contrast = settings.hidden.contrast === 'full' ? 'full range' : '99 % range'
    const padding = padded ? ` · padding from step ${grid.value!.valid}` : ''
    const { order } = settings.hidden
    const shownRows = order === 'index' ? `dims ${first}–${end - 1}` : `rows ${first}–${end - 1} by ${order}`
    return `${tap.value} · ${steps} × ${stack.value?.width} · ${shownRows} · ${contrast}${padding}${providerSuffix(run.value)}`
  })

  /** "dimension 412 · row 37 by variance", and its value at the cursor */
  const said = computed(() => {
    const row = looked.value
    const dimension = row === null ? undefined : indices.value?.[row]
    if (row === null || dimension === undefined || !shown.value) return ''
    const { raster } = shown.value
    const place =
      settings.hidden.order === 'index' ? '' : ` · row ${dimensions.value[0] + row} by ${settings.hidden.order}`
    const name = `dimension ${dimension}${place}`
    const at = column.cursor.value
    if (!grid.value || at === null) return name
    const step = stepAt(grid.value, at)
    const cell = cellAt(raster, raster.source.rows[0] + row, step)
    if (!cell) return name
    const pooled = cell.rows > 1 ? ` (mean of ${cell.rows} rows)` : ''
    return `${name} · step ${step}: ${reading(cell.value)}${pooled}`
  })
  const describe = (): string => said.value || 'up and down arrows choose a dimension'
  const lookAt = (row: number): void => {
    looked.value = rows.value === 0 ? null : Math.min(rows.value - 1, Math.max(0, row))
  }
  const choose = (): boolean => {
    const dimension = looked.value === null ? undefined : indices.value?.[looked.value]
    if (dimension === undefined) return false
    settings.hidden.dimension = dimension
    return true
  }
  /** where the chosen dimension is among the rows shown; null where it is not */
  const chosenRow = computed(() => {
    const row = indices.value?.indexOf(settings.hidden.dimension) ?? -1
    return row < 0 ? null : row
  })

  const sizes = computed(() => {
    const width = stack.value?.width ?? 1
    return [...[32, 64, 128, 256, 512].filter((n) => n < width), Math.max(width, settings.hidden.dimensions)]
  })
  const enlarged = (): Enlarged | null => {
    const found = shown.value
    if (!found || !colour.value) return null
    const [from, to] = found.raster.source.columns
    const x: Range = found.grid ? [edgeAt(found.grid, from), edgeAt(found.grid, to)] : [from, to]
    return enlarge({
      title: `Hidden states of ${column.recording.value?.name ?? ''}`,
      subtitle: subtitle.value,
      raster: found.raster,
      colour: colour.value,
      x: { title: found.grid ? 'Time (s)' : 'Token', range: x },
      y: { title: orderText[settings.hidden.order].axis, range: dimensions.value },
      edges: { x, y: dimensions.value },
    })
  }

  return {
    query,
    grid,
    colour,
    ticks,
    subtitle,
    draw,
    describe,
    sizes,
    enlarged,
    rows: { count: rows, looked, said, chosen: chosenRow, lookAt, choose },
  }
}
