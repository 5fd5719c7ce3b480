import { computed } from 'vue'
import { edgeAt, isPatchGrid, secondsAt, stepAt, type PatchGrid } from '../../../contract/grid.ts'
import { specialName, type AttentionPatches, type PatchesQuery } from '../../../contract/patches.ts'
import type { Range } from '../../../contract/tensor.ts'
import { patchAt, layPatches } from '../../../signal/patches.ts'
import { engine } from '../../engine.ts'
import { hertz as sayHertz, percent } from '../../format.ts'
import { useQuery } from '../../query.ts'
import { useSettings } from '../../stores/settings.ts'
import { useTimeline } from '../../timeline/timeline.ts'
import { useColumn } from '../column.ts'
import { useSharedRange } from '../ranges.ts'
import { weightScale } from '../scale.ts'
import { covered } from './draw-patches.ts'
import { binAt, edgesInHertz } from './mel-rows.ts'

/** Attention of one token over the patches of the column's run, as it is laid over the spectrogram. */
export const usePatches = () => {
  const [column, settings, timeline] = [useColumn(), useSettings(), useTimeline()]
  /** null where the model hears no patches */
  const grid = computed<PatchGrid | null>(() => {
    const encoder = column.run.value?.grids.encoder
    return encoder && isPatchGrid(encoder) && column.site.value?.kind === 'encoder' ? encoder : null
  })
  const shown = computed(() => grid.value !== null && settings.patches.shown)
  const from = computed<number | 'patch'>(() => {
    const { from } = settings.patches
    return from !== 'patch' && from < (grid.value?.special ?? 0) ? from : 'patch'
  })
  const band = computed(() => Math.min(settings.patches.band, (grid.value?.bands ?? 1) - 1))
  const query = computed<PatchesQuery | null>(() => {
    if (!shown.value) return null
    if (from.value !== 'patch') return { token: from.value }
    return column.queryIndex.value === null ? null : { band: band.value, column: column.queryIndex.value }
  })
  const answer = useQuery({
    name: 'patches',
    input: () => {
      const [run, site] = [column.run.value, column.site.value]
      // heads that lie in several layers are a decoder's
      if (!run || !site || !query.value || site.heads === 'alignment') return null
      return { run: run.id, tap: site.tap, heads: site.heads, query: query.value }
    },
    identity: (input) => `${input.run} ${input.tap.split('.')[0]}`,
    // what is said of an answer is said of its own query, while the next is on its way
    call: async (input, options) => ({
      ...(await engine['runs.attentionPatches'](input, options)),
      query: input.query,
    }),
    delayMs: 25,
  })
  /** padding has a place on the features alone: over a recording there is other sound, which the model did not hear */
  const columnsShown = computed(() => {
    if (!grid.value) return 0
    const { count, valid } = grid.value.time
    return settings.spectrogram === 'features' && settings.attention.extent === 'all' ? count : Math.max(1, valid)
  })
  const laid = computed(() => {
    const found = answer.value.value
    if (!found) return null
    const { bands, time } = found.grid
    const layout = { bands, columns: time.count, shown: columnsShown.value, bins: found.bins, frames: found.frames }
    return layPatches(found.values, layout, { bins: found.hertz.length, frames: found.features.count })
  })
  const range = useSharedRange(
    () =>
      `patches ${column.run.value?.model.id ?? ''} ${column.site.value?.tap ?? ''} ${JSON.stringify(column.site.value?.heads)} ${from.value}`,
    column.index,
    () => answer.value.value && rangeOf(answer.value.value),
  )
  const colour = computed(
    () =>
      range.value && weightScale(range.value, settings.attention.contrast === 'linear' ? 'linear' : 'log', 'overlay'),
  )

  /** the patch drawn at a moment and a height of the picture; null where none is */
  const under = (seconds: number, height: number, edges: Float64Array): { band: number; column: number } | null => {
    const found = answer.value.value
    const bin = binAt(edges, height)
    if (!found || bin < 0) return null
    const { grid, bins, frames, features } = found
    if (seconds < edgeAt(features, 0) || seconds >= edgeAt(features, features.count)) return null
    const place = patchAt(frames, grid.time.count, stepAt(features, seconds))
    return place < columnsShown.value ? { band: patchAt(bins, grid.bands, bin), column: place } : null
  }
  /** a second press on the same patch lets it go */
  const choose = (patch: { band: number; column: number }): void => {
    if (!grid.value) return
    const at = secondsAt(grid.value.time, patch.column)
    const isSame = from.value === 'patch' && band.value === patch.band && column.queryIndex.value === patch.column
    settings.patches.from = 'patch'
    settings.patches.band = patch.band
    timeline.pin(isSame && timeline.pinned ? null : column.aligned(at))
  }
  const title = computed(() => {
    if (!grid.value || !column.site.value) return ''
    const { bands, time } = grid.value
    const { heads, tap } = column.site.value
    const padding =
      time.valid === time.count
        ? ''
        : columnsShown.value > time.valid
          ? ' · padding in, hatched'
          : ' · padding left out'
    return `${tap} · head ${typeof heads === 'string' ? heads : heads.join(', ')} · ${bands} × ${time.count} patches${padding}`
  })
  const words = computed(() => {
    const found = answer.value.value
    if (query.value === null) return 'Press on the spectrogram, or move over it, to choose a patch.'
    if (!found) return ''
    const special = found.special.reduce((sum, share) => sum + share, 0)
    const shares = [
      ...(found.special.length > 0 ? [`${percent(special)} on special tokens`] : []),
      `${percent(found.padding)} on padding`,
    ]
    return `from the ${sayQuery(found.query, found)} · not an explanation · ${shares.join(', ')}`
  })
  return { grid, shown, from, query, answer, columnsShown, laid, colour, under, choose, title, words }
}

/** Least and greatest weight of the patches on audio. */
const rangeOf = ({ values, grid: { bands, time } }: AttentionPatches): Range => {
  let [low, high] = [Infinity, 0]
  for (let band = 0; band < bands; band++)
    for (let column = 0; column < Math.max(1, time.valid); column++) {
      const weight = values[band * time.count + column]!
      low = Math.min(low, weight)
      high = Math.max(high, weight)
    }
  return [low, Math.max(high, 1e-9)]
}

const sayQuery = (query: PatchesQuery, { grid, bins, hertz }: AttentionPatches): string => {
  if ('token' in query) return specialName(query.token, grid.special)
  const edges = edgesInHertz(hertz)
  const [low, high] = covered(bins, query.band).map((bin) => edges[Math.min(edges.length - 1, Math.max(0, bin))] ?? 0)
  const at = secondsAt(grid.time, query.column)
  const [from, to] = [sayHertz(Math.max(0, low!)), sayHertz(high!)]
  // one unit for both where they share it
  const unit = from.endsWith(' kHz') || to.endsWith(' Hz') ? from.replace(/ k?Hz$/, '') : from
  return `patch at ${at.toFixed(2)} s, ${unit}–${to}`
}

export type Patches = ReturnType<typeof usePatches>
