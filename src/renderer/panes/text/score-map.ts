import { computed } from 'vue'
import { edgeAt, outputOf, type TimeGrid } from '../../../contract/grid.ts'
import type { Run } from '../../../contract/run.ts'
import type { Range } from '../../../contract/tensor.ts'
import type { ScoreMap } from '../../../contract/words.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import type { Draw } from '../../components/canvas.ts'
import { engine } from '../../engine.ts'
import { reading } from '../../format.ts'
import { useQuery } from '../../query.ts'
import { stretchOf, type Scale } from '../../timeline/geometry.ts'
import type { Column } from '../column.ts'
import { drawPicture, pictureOf } from '../picture.ts'
import { valuesAt } from '../raster-column.ts'
import { visibleOf } from '../visible.ts'
import { drawGaps } from './draw-gaps.ts'
import type { Piece } from './joined.ts'

/** pixels that a row must have to be told from the next, and those its name needs */
const least = { row: 5, name: 9 }
/** a probability is a probability: the same colours for every clip */
const colour: ColourScale = { map: 'viridis', low: 0, high: 1, scale: 'linear', unit: 'p' }

const nameOf = ({ text, blank }: ScoreMap['symbols'][number]): string => (blank ? 'blank' : text.trim() || '␣')

/** What a part of the map covers, in seconds. */
const stretchOfMap = ({ raster, grid }: ScoreMap['maps'][number]): Range => {
  const [from, to] = raster.source.columns
  return [edgeAt(grid, from), edgeAt(grid, to)]
}

/**
 * How probable each symbol is at each step, as a map: rows in the engine's order from the top down, the same for all windows in view.
 * `gaps`: windows that have not run.
 */
export const useScoreMap = (column: Column, height: () => number, gaps: () => readonly Piece[]) => {
  const query = useQuery({
    name: 'scores',
    input: () => {
      const windows = column.windows.value
      const heard: { run: Run | null; shown?: Range }[] = windows.length > 0 ? windows : [{ run: column.run.value }]
      const runs = heard.flatMap(({ run, shown }) => (run?.result.characters ? [{ run, shown }] : []))
      const [first, last] = [runs[0], runs.at(-1)]
      if (!first || !last) return null
      const end = (grid: TimeGrid): number => edgeAt(grid, grid.count)
      const [from, to] = column.range.value
      const covered: Range = [first.shown?.[0] ?? 0, last.shown?.[1] ?? end(outputOf(last.run.grids))]
      const range = visibleOf([Math.max(from, covered[0]), Math.min(to, covered[1])], covered[1])
      const symbols = Math.max(2, Math.floor(height() / least.row))
      return (
        range && {
          runs: runs.map(({ run, shown }) => ({ run: run.id, ...(shown && { shown: [...shown] satisfies Range }) })),
          range,
          width: Math.max(1, column.pixels.value),
          symbols,
          // of this: a window more or less in view keeps the picture until the next one is there
          about: [first.run.recording.id, first.run.model.id, windows.length > 0 ? '' : first.run.id].join(' '),
        }
      )
    },
    identity: (input) => input.about,
    call: ({ runs, range, width, symbols }, options) => engine['runs.scores']({ runs, range, width, symbols }, options),
  })
  const map = query.value
  const names = computed(() => {
    const symbols = map.value?.symbols ?? []
    const every = Math.ceil((least.name * symbols.length) / height())
    const last = symbols.length - 1
    return symbols
      .map((symbol, i) => ({ at: (last - i + 0.5) / symbols.length, label: nameOf(symbol), i }))
      .filter(({ i }) => (last - i) % every === 0)
  })
  const draw = (scale: Scale): Draw => {
    const pictures = (map.value?.maps ?? []).map((one) => ({
      picture: pictureOf(one.raster, colour),
      box: stretchOf(scale, stretchOfMap(one)),
    }))
    return (context, { width, height }) => {
      context.clearRect(0, 0, width, height)
      drawGaps(context, gaps(), scale, height)
      for (const { picture, box } of pictures) drawPicture(context, picture, { ...box, top: 0, height }, false)
    }
  }
  /** the most probable symbols under the cursor */
  const describe = (): string => {
    const found = map.value
    const cursor = column.cursor.value
    if (!found || cursor === null) return ''
    const under = found.maps.find((one) => {
      const [start, end] = stretchOfMap(one)
      return cursor >= start && cursor < end
    })
    if (!under) return ''
    const values = valuesAt(under.raster, under.grid, cursor)
    const scores = found.symbols.map((symbol, i) => ({ name: nameOf(symbol), p: values[i] ?? NaN }))
    const top = scores.filter(({ p }) => p >= 0.01).sort((a, b) => b.p - a.p)
    return top
      .slice(0, 3)
      .map(({ name, p }) => `${name} ${reading(p)}`)
      .join(', ')
  }
  return { query, map, names, colour, draw, describe }
}
