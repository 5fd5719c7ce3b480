import { computed, type ComputedRef } from 'vue'
import type { Span } from '../../../contract/engine.ts'
import { edgeAt, stepAt, timeOf, validEnd } from '../../../contract/grid.ts'
import type { Range } from '../../../contract/tensor.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import type { Draw } from '../../components/canvas.ts'
import { engine } from '../../engine.ts'
import { reading } from '../../format.ts'
import { useQuery } from '../../query.ts'
import { providerSuffix } from '../../run-facts.ts'
import { useSettings } from '../../stores/settings.ts'
import { pixelAt, stretchOf, type Scale } from '../../timeline/geometry.ts'
import { useTimeline } from '../../timeline/timeline.ts'
import { useColumn } from '../column.ts'
import { enlarge, type Enlarged } from '../panel.ts'
import { colourRange, drawPicture, hatch, pictureOf } from '../picture.ts'
import { useSharedRange } from '../ranges.ts'
import type { Chosen } from './chosen.ts'
import { contrastLimit } from './contrast.ts'

/** A hidden state as a map: dimensions up, time to the right, as the timeline shows it. */
export const useHiddenMap = (
  { run, side, stack, tap }: Chosen,
  height: ComputedRef<number>,
  /** of another map, to be drawn with the same */
  colours?: ComputedRef<ColourScale | null>,
) => {
  const column = useColumn()
  const settings = useSettings()
  const timeline = useTimeline()
  const asked = computed(() => settings.hidden.view === 'map')
  const dimensions = computed<Range>(() => {
    const width = stack.value?.width ?? 1
    const first = Math.min(Math.max(0, Math.floor(Number(settings.hidden.first) || 0)), width - 1)
    return [first, Math.min(first + settings.hidden.dimensions, width)]
  })
  const grid = computed(() => (run.value && side.value === 'encoder' ? timeOf(run.value.grids.encoder) : null))

  /** seconds only where steps have them; a view that holds no step asks nothing */
  const allSteps = { unit: 'all' as const }
  const span = computed<Span | null>(() => {
    if (!grid.value) return allSteps
    const first = edgeAt(grid.value, 0)
    const [start, end] = column.range.value
    const range: Range = [Math.max(0, start, first), Math.min(end, edgeAt(grid.value, grid.value.count))]
    return range[1] > range[0] ? { unit: 'second', range: [round(range[0]), round(range[1])] } : null
  })
  const round = (value: number): number => Math.round(value * 1000) / 1000

  const query = useQuery({
    name: 'hidden',
    input: () =>
      asked.value && run.value && span.value
        ? {
            run: run.value.id,
            tap: tap.value,
            steps: span.value,
            dimensions: dimensions.value,
            width: Math.max(1, column.pixels.value),
            height: height.value,
            pool: 'mean' as const,
          }
        : null,
    identity: (input) => `${input.run} ${input.tap.split('.')[0]}`,
    call: (input, options) => engine['runs.hidden'](input, options),
  })
  /** all that is not padding: colours stay what they are however far one zooms */
  const whole = useQuery({
    name: 'hidden',
    input: () =>
      asked.value && run.value && !colours
        ? {
            run: run.value.id,
            tap: tap.value,
            steps: grid.value
              ? { unit: 'step' as const, range: [0, Math.max(1, grid.value.valid)] as Range }
              : allSteps,
            dimensions: dimensions.value,
            width: 400,
            height: 128,
            pool: 'mean' as const,
          }
        : null,
    identity: (input) => `${input.run} ${input.tap.split('.')[0]}`,
    call: (input, options) => engine['runs.hidden'](input, options),
  })
  const shown = query.value
  const own = computed<Range | null>(() => {
    const found = whole.value.value
    if (!found) return null
    const { raster } = found
    return settings.hidden.contrast === 'full'
      ? colourRange(raster.low, raster.high, true)
      : colourRange(0, contrastLimit(raster, found.grid), true)
  })
  const range = useSharedRange(
    () => `${colours ? 'baseline' : 'hidden'} ${run.value?.model.id ?? ''} ${tap.value}`,
    column.index,
    () => own.value,
  )
  const colour = computed<ColourScale | null>(() => {
    if (colours) return colours.value
    return range.value
      ? { map: 'rdbu', low: range.value[0], high: range.value[1], scale: 'linear', unit: 'activation' }
      : null
  })
  const ticks = computed(() => {
    const [first, end] = dimensions.value
    return [
      { at: 0, label: String(first) },
      { at: 0.5, label: String(Math.floor((first + end) / 2)) },
      { at: 1, label: String(end - 1) },
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
    return `${tap.value} · ${steps} × ${stack.value?.width} · dims ${first}–${end - 1} · ${contrast}${padding}${providerSuffix(run.value)}`
  })

  const columnsBox = (scale: Scale): { left: number; width: number } => {
    const found = shown.value
    if (!found) return { left: 0, width: 0 }
    const [from, to] = found.raster.source.columns
    return found.grid
      ? stretchOf(scale, [edgeAt(found.grid, from), edgeAt(found.grid, to)])
      : { left: 0, width: scale.pixels }
  }
  const draw = (scale: Scale): Draw => {
    const picture = shown.value && colour.value ? pictureOf(shown.value.raster, colour.value) : null
    return (context, { width, height }) => {
      context.clearRect(0, 0, width, height)
      if (!picture) return
      const box = columnsBox(scale)
      drawPicture(context, picture, { ...box, top: 0, height }, true)
      if (!shown.value?.grid) return
      const from = Math.max(box.left, pixelAt(scale, validEnd(shown.value.grid)))
      hatch(context, { left: from, top: 0, width: box.left + box.width - from, height })
    }
  }
  const describe = (): string => {
    if (!shown.value?.grid || timeline.cursor === null) return ''
    const { raster } = shown.value
    const step = stepAt(shown.value.grid, timeline.cursor)
    const [from, to] = raster.source.columns
    const c = Math.floor(((step - from) / Math.max(1, to - from)) * raster.columns)
    const value = raster.data[c]
    return value === undefined ? '' : `step ${step}, dimension ${dimensions.value[0]}: ${reading(value)}`
  }
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
      y: { title: 'Dimension', range: dimensions.value },
      edges: { x, y: dimensions.value },
    })
  }

  return { query, grid, colour, ticks, subtitle, draw, describe, sizes, enlarged }
}
