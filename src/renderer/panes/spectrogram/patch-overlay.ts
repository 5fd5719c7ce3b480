import { computed, type ComputedRef } from 'vue'
import type { SpectrogramMap } from '../../../contract/engine.ts'
import { edgeAt } from '../../../contract/grid.ts'
import type { Range, Raster } from '../../../contract/tensor.ts'
import type { Scale } from '../../timeline/geometry.ts'
import type { Over } from '../panel.ts'
import { covered, drawPatches, outline, pixelRows } from './draw-patches.ts'
import { edgeHeights, heightsOf } from './mel-rows.ts'
import type { Patches } from './patches.ts'

/** What is drawn of `patches` over a spectrogram that is `height` pixels tall, whichever it is. */
export const usePatchOverlay = (
  patches: Patches,
  spectrogram: () => SpectrogramMap | null,
  height: ComputedRef<number>,
) => {
  const answer = patches.answer.value
  const edges = computed(() => {
    const found = spectrogram()
    return found && answer.value ? edgeHeights(answer.value.hertz, found.hertz, found.unit !== 'dB') : null
  })
  const rasterOf = (rows: number): Raster | null => {
    const laid = patches.laid.value
    return answer.value && laid && edges.value ? pixelRows(laid, answer.value.features.count, edges.value, rows) : null
  }
  const raster = computed(() => rasterOf(height.value))
  const chosen = computed((): { seconds: Range; heights: Range } | null => {
    const query = patches.query.value
    if (!answer.value || !query || 'token' in query || !edges.value) return null
    const { frames, bins, features } = answer.value
    const [from, to] = covered(frames, query.column)
    return {
      seconds: [edgeAt(features, from), edgeAt(features, to)],
      heights: heightsOf(edges.value, covered(bins, query.band)),
    }
  })
  type Paint = (context: CanvasRenderingContext2D) => void
  /** the weights, and the outline of the patch they are from, which padding's veil does not hide */
  const draw = (scale: Scale): { weights: Paint; outline: Paint } => {
    const [drawn, colour, patch] = [raster.value, patches.colour.value, chosen.value]
    const [features, tall] = [answer.value?.features, height.value]
    return {
      weights: (context) => {
        if (drawn && colour && features) drawPatches(context, scale, { raster: drawn, colour, features, height: tall })
      },
      outline: (context) => {
        if (patch) outline(context, scale, { ...patch, height: tall })
      },
    }
  }
  /** in data coordinates of a picture whose rows are the spectrogram's */
  const enlarged = (y: Range): Over | null => {
    const [large, colour, features] = [rasterOf(enlargedRows), patches.colour.value, answer.value?.features]
    if (!large || !colour || !features) return null
    return { raster: large, colour, edges: { x: [edgeAt(features, 0), edgeAt(features, features.count)], y } }
  }
  /** whether a press at a moment and a height chose a patch */
  const press = (seconds: number, share: number): boolean => {
    const patch = edges.value && patches.shown.value ? patches.under(seconds, share, edges.value) : null
    if (patch) patches.choose(patch)
    return patch !== null
  }
  return { draw, enlarged, press }
}

const enlargedRows = 512
