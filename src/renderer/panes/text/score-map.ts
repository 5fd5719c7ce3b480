import { computed } from 'vue'
import { edgeAt, outputOf } from '../../../contract/grid.ts'
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

/** pixels that a row must have to be told from the next, and those its name needs */
const least = { row: 5, name: 9 }
/** a probability is a probability: the same colours for every clip */
const colour: ColourScale = { map: 'viridis', low: 0, high: 1, scale: 'linear', unit: 'p' }

const nameOf = ({ text, blank }: ScoreMap['symbols'][number]): string => (blank ? 'blank' : text.trim() || '␣')

/** How probable each symbol is at each step, as a map: rows in the engine's order from the top down. */
export const useScoreMap = (column: Column, height: () => number) => {
  const query = useQuery({
    name: 'scores',
    input: () => {
      const run = column.run.value?.result.characters ? column.run.value : null
      const seconds = run && edgeAt(outputOf(run.grids), outputOf(run.grids).count)
      const shown = column.windows.value.find((window) => window.looked)?.shown
      const [from, to] = column.range.value
      const range = run && visibleOf([Math.max(from, shown?.[0] ?? 0), Math.min(to, shown?.[1] ?? Infinity)], seconds!)
      const symbols = Math.max(2, Math.floor(height() / least.row))
      return range && { run: run.id, range, width: Math.max(1, column.pixels.value), symbols }
    },
    identity: (input) => input.run,
    call: (input, options) => engine['runs.scores'](input, options),
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
    const found = map.value
    const picture = found && pictureOf(found.raster, colour)
    return (context, { width, height }) => {
      context.clearRect(0, 0, width, height)
      if (!found || !picture) return
      const [from, to] = found.raster.source.columns
      const box = stretchOf(scale, [edgeAt(found.grid, from), edgeAt(found.grid, to)])
      drawPicture(context, picture, { ...box, top: 0, height }, false)
    }
  }
  /** the most probable symbols under the cursor */
  const describe = (): string => {
    const found = map.value
    const cursor = column.cursor.value
    if (!found || cursor === null) return ''
    const values = valuesAt(found.raster, found.grid, cursor)
    const scores = found.symbols.map((symbol, i) => ({ name: nameOf(symbol), p: values[i] ?? NaN }))
    const top = scores.filter(({ p }) => p >= 0.01).sort((a, b) => b.p - a.p)
    return top
      .slice(0, 3)
      .map(({ name, p }) => `${name} ${reading(p)}`)
      .join(', ')
  }
  return { query, map, names, colour, draw, describe }
}
