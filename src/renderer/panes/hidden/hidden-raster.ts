import { computed, type ComputedRef } from 'vue'
import type { HiddenMap, Span } from '../../../contract/engine.ts'
import { edgeAt, timeOf, validEnd } from '../../../contract/grid.ts'
import type { Range } from '../../../contract/tensor.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import type { Draw } from '../../components/canvas.ts'
import { engine } from '../../engine.ts'
import { useQuery } from '../../query.ts'
import { useSettings } from '../../stores/settings.ts'
import { pixelAt, stretchOf, type Scale } from '../../timeline/geometry.ts'
import { useColumn } from '../column.ts'
import { colourRange, drawPicture, hatch, pictureOf } from '../picture.ts'
import { useSharedRange } from '../ranges.ts'
import type { Chosen } from './chosen.ts'
import { contrastLimit } from '../contrast.ts'

const allSteps = { unit: 'all' as const }
const round = (value: number): number => Math.round(value * 1000) / 1000

interface Wanted {
  /** tells pictures whose colour ranges are shared by the columns */
  name: string
  height: () => number
  /** nothing is asked for while it is not */
  wanted: () => boolean
  /** another map, whose colours and order of dimensions are taken */
  like?: { run: () => string | undefined; colour: ComputedRef<ColourScale | null> }
}

/** A hidden state as a picture of what the timeline shows, `height` pixels high. */
export const useHiddenRaster = (
  { run, side, tap, dimensions }: Pick<Chosen, 'run' | 'side' | 'tap' | 'dimensions'>,
  { name, height, wanted, like }: Wanted,
) => {
  const column = useColumn()
  const settings = useSettings()
  const grid = computed(() => (run.value && side.value === 'encoder' ? timeOf(run.value.grids.encoder) : null))

  /** seconds only where steps have them; a view that holds no step asks nothing */
  const span = computed<Span | null>(() => {
    if (!grid.value) return allSteps
    const looked = column.windows.value.find((window) => window.looked)
    return spanWithin([edgeAt(grid.value, 0), edgeAt(grid.value, grid.value.count)], looked?.shown)
  })
  /** what is seen of a stretch, and of what its window shows; null for nothing */
  const spanWithin = (...stretches: (Range | undefined)[]): Span | null => {
    const all: Range[] = [column.range.value, [0, Infinity], ...stretches.filter((one) => one !== undefined)]
    const [start, end] = [Math.max(...all.map(([from]) => from)), Math.min(...all.map(([, to]) => to))]
    return end > start ? { unit: 'second', range: [round(start), round(end)] } : null
  }
  const ask = (steps: () => Span | null, size: () => { width: number; height: number }) =>
    useQuery({
      name: 'hidden',
      input: () => {
        const [found, of] = [run.value, wanted() ? steps() : null]
        if (!found || !of) return null
        const { order } = settings.hidden
        const what = {
          run: found.id,
          tap: tap.value,
          steps: of,
          dimensions: dimensions.value,
          order,
          orderOf: like?.run(),
        }
        return { ...what, ...size(), pool: 'mean' as const }
      },
      identity: (input) => `${input.run} ${input.tap.split('.')[0]}`,
      call: (input, options) => engine['runs.hidden'](input, options),
    })

  const query = ask(
    () => span.value,
    () => ({ width: Math.max(1, column.pixels.value), height: height() }),
  )
  /** all that is not padding: colours stay what they are however far one zooms */
  const whole = ask(
    () => {
      if (like) return null
      return grid.value ? { unit: 'step', range: [0, Math.max(1, grid.value.valid)] } : allSteps
    },
    () => ({ width: 400, height: 128 }),
  )
  /** the other windows of a long region, in the colours of the one that is looked into */
  const around = useQuery({
    name: 'hidden windows',
    input: () => {
      if (!wanted() || like || side.value !== 'encoder') return null
      const parts = column.windows.value.flatMap((window) => {
        const steps = window.looked || !window.run ? null : spanWithin(window.shown)
        return steps ? [{ run: window.run!.id, steps }] : []
      })
      const { order } = settings.hidden
      return parts.length === 0
        ? null
        : {
            parts,
            tap: tap.value,
            dimensions: dimensions.value,
            order,
            orderOf: run.value?.id,
            width: Math.max(1, Math.ceil(column.pixels.value / parts.length)),
            height: height(),
            pool: 'mean' as const,
          }
    },
    identity: ({ parts, tap }) => `${parts.map((part) => part.run).join(' ')} ${tap.split('.')[0]}`,
    call: (input, options) => engine['runs.hiddenWindows'](input, options),
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
    () => `${name} ${run.value?.model.id ?? ''} ${tap.value}`,
    column.index,
    () => own.value,
  )
  const colour = computed<ColourScale | null>(() => {
    if (like) return like.colour.value
    return range.value
      ? { map: 'rdbu', low: range.value[0], high: range.value[1], scale: 'linear', unit: 'activation' }
      : null
  })
  const draw = (scale: Scale): Draw => {
    const maps = [...(around.value.value ?? []), ...(shown.value ? [shown.value] : [])]
    const all = maps.map((map) => drawHidden(map, colour.value, scale))
    return (context, size) => {
      context.clearRect(0, 0, size.width, size.height)
      for (const one of all) one(context, size)
    }
  }
  return { query, grid, shown, colour, draw }
}

/** The map where its steps lie, padding hatched; tokens fill the width. */
const drawHidden = (map: HiddenMap, colour: ColourScale | null, scale: Scale): Draw => {
  const picture = colour ? pictureOf(map.raster, colour) : null
  return (context, { height }) => {
    if (!picture) return
    const { grid, raster } = map
    const [from, to] = raster.source.columns
    const box = grid ? stretchOf(scale, [edgeAt(grid, from), edgeAt(grid, to)]) : { left: 0, width: scale.pixels }
    drawPicture(context, picture, { ...box, top: 0, height }, true)
    if (!grid) return
    const padding = Math.max(box.left, pixelAt(scale, validEnd(grid)))
    hatch(context, { left: padding, top: 0, width: box.left + box.width - padding, height })
  }
}
