import { computed, type ComputedRef } from 'vue'
import type { DifferenceMap } from '../../contract/compare.ts'
import { edgeAt } from '../../contract/grid.ts'
import type { Range } from '../../contract/tensor.ts'
import type { Axis, ColourScale } from '../../figures/figure.ts'
import type { Draw } from '../components/canvas.ts'
import { reading } from '../format.ts'
import { splitModelId } from '../model-id.ts'
import { useLibrary } from '../stores/library.ts'
import { useRuns } from '../stores/runs.ts'
import { useSettings } from '../stores/settings.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { stretchOf, type Scale } from '../timeline/geometry.ts'
import { useTimeline } from '../timeline/timeline.ts'
import { useColumn } from './column.ts'
import { contrastLimit } from './contrast.ts'
import { enlarge, type Enlarged } from './panel.ts'
import { colourRange, drawPicture, pictureOf } from './picture.ts'
import { useSharedRange } from './ranges.ts'
import { valuesAt } from './raster-column.ts'

/** Column A less this column: which recordings and runs that is, and how it is said. */
export const useDifference = () => {
  const column = useColumn()
  const library = useLibrary()
  const runs = useRuns()
  const timeline = useTimeline()
  const workspace = useWorkspace()
  const first = computed(() => library.recording(workspace.columns[0] ?? null))
  const firstRun = computed(() => runs.runOf(workspace.request(0)))
  const offset = computed(() => timeline.offsetOf(column.index))
  const clips = computed(() => {
    const [a, b] = [first.value, column.recording.value]
    const [regionA, regionB] = [timeline.regions[a?.id ?? ''], timeline.regions[b?.id ?? '']]
    if (!a || !b || !regionA || !regionB) return null
    const clip = (recording: string, [start, end]: Range) => ({ recording, region: [start, end] as Range })
    return { a: clip(a.id, regionA), b: clip(b.id, regionB), offset: offset.value }
  })
  /** why the two runs cannot be subtracted; empty where they can, or are not there */
  const nothing = computed(() => {
    const [a, b] = [firstRun.value, column.run.value]
    if (!first.value) return 'there is no recording in column A'
    if (b && !a) return `${workspace.modelOf(0) ?? 'the model'} has not run over column A’s region`
    if (!a || !b || splitModelId(a.model.id).base === splitModelId(b.model.id).base) return ''
    return `a difference needs one model: A ran through ${a.model.id}, ${column.letter} through ${b.model.id}`
  })
  const runIds = computed(() =>
    firstRun.value && column.run.value && !nothing.value
      ? { a: firstRun.value.id, b: column.run.value.id, offset: offset.value }
      : null,
  )
  /** "A thunder.wav − B chimes.wav", with the weights where they are not the same */
  const names = computed(() => {
    const [a, b] = [firstRun.value?.model.id, column.run.value?.model.id]
    const through = (model: string | undefined): string => (model && a && b && a !== b ? ` (${model})` : '')
    return `A ${first.value?.name ?? ''}${through(a)} − ${column.letter} ${column.recording.value?.name ?? ''}${through(b)}`
  })
  return { column, firstRun, clips, runIds, nothing, names, title: computed(() => `A − ${column.letter}`) }
}

/** what is made only of what both have: "148 common steps" */
export const sayCommon = ([start, end]: Range, what: string): string => `${end - start} common ${what}`

/** Red where A is greater, blue where this column is; white for none. What has no partner is left bare. */
export const useDifferencePicture = (given: {
  pane: () => string
  shown: () => DifferenceMap | null
  /** all there is: colours stay what they are however far one zooms */
  whole: () => DifferenceMap | null
  unit: () => string
}) => {
  const column = useColumn()
  const settings = useSettings()
  const own = computed<Range | null>(() => {
    const raster = (given.whole() ?? given.shown())?.raster
    if (!raster) return null
    return settings.hidden.contrast === 'full'
      ? colourRange(raster.low, raster.high, true)
      : colourRange(0, contrastLimit(raster, null), true)
  })
  const range = useSharedRange(
    () => `difference ${given.pane()}`,
    column.index,
    () => own.value,
  )
  const colour: ComputedRef<ColourScale | null> = computed(() =>
    range.value
      ? { map: 'rdbu', low: range.value[0], high: range.value[1], scale: 'linear', unit: given.unit() }
      : null,
  )
  const draw = (scale: Scale): Draw => {
    const found = given.shown()
    const picture = found && colour.value ? pictureOf(found.raster, colour.value) : null
    return (context, { width, height }) => {
      context.clearRect(0, 0, width, height)
      if (!picture || !found) return
      const [from, to] = found.raster.source.columns
      const box = found.grid
        ? stretchOf(scale, [edgeAt(found.grid, from), edgeAt(found.grid, to)])
        : { left: 0, width: scale.pixels }
      drawPicture(context, picture, { ...box, top: 0, height }, true)
    }
  }
  const covers = computed<Range | null>(() => {
    const found = given.shown()
    return found?.grid ? [edgeAt(found.grid, found.common.steps[0]), edgeAt(found.grid, found.common.steps[1])] : null
  })
  /** the greatest difference of the column of the picture that is under the cursor */
  const describe = (): string => {
    const found = given.shown()
    const at = column.cursor.value
    if (!found?.grid || at === null) return ''
    const most = valuesAt(found.raster, found.grid, at).reduce(
      (most, value) => (!(Math.abs(value) <= Math.abs(most)) && value === value ? value : most),
      NaN,
    )
    return Number.isNaN(most) ? 'no common step' : `greatest difference ${reading(most)} ${given.unit()}`
  }
  const enlarged = (words: { title: string; subtitle: string; y: Axis }): Enlarged | null => {
    const found = given.shown()
    if (!found || !colour.value) return null
    const [from, to] = found.raster.source.columns
    const x: Range = found.grid ? [edgeAt(found.grid, from), edgeAt(found.grid, to)] : [from, to]
    return enlarge({
      title: words.title,
      subtitle: words.subtitle,
      raster: found.raster,
      colour: colour.value,
      x: { title: found.grid ? `Time in ${column.letter} (s)` : 'Token', range: x },
      y: words.y,
      edges: { x, y: words.y.range },
    })
  }
  return { colour, draw, covers, describe, enlarged }
}
