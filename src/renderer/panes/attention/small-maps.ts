import type { AttentionMap } from '../../../contract/engine.ts'
import type { Raster } from '../../../contract/tensor.ts'
import type { ColourScale } from '../../../figures/figure.ts'
import { reading, seconds } from '../../format.ts'
import { audibleCells, contrasted, type Contrast } from '../weight-contrast.ts'
import { meanDistance } from './spread.ts'

/** A head's map by a contrast, coloured over its own range, and the one number that tells it from the others. */
export interface SmallMap {
  head: number
  /** the layer's maps it is one of */
  of: AttentionMap
  raster: Raster
  colour: ColourScale
  number: { short: string; long: string }
}

export const smallMaps = (map: AttentionMap, contrast: Contrast): SmallMap[] =>
  map.maps.map(({ head, raster }) => ({
    head: Number(head),
    of: map,
    ...contrasted(raster, contrast, [raster.low, Math.max(raster.high, 1e-8)], audibleCells(raster, map)),
    number: numberOf(raster, map),
  }))

const numberOf = (raster: Raster, { queryGrid, keyGrid }: AttentionMap): SmallMap['number'] => {
  const distance = queryGrid && keyGrid ? meanDistance(raster, queryGrid, keyGrid) : null
  return distance === null
    ? { short: reading(raster.high), long: `greatest weight ${reading(raster.high)}` }
    : {
        short: distance < 1 ? seconds(distance) : `${distance.toFixed(1)} s`,
        long: `looks ${seconds(distance)} away on average`,
      }
}
