import type { Tensor } from '../../../contract/tensor.ts'
import type { Axes } from './family.ts'

/** Name of the input as it was read from the graph. */
export const mappedInput = (config: Record<string, unknown>): string => String(config['input'])

/** The order in which the graph takes bands and frames, as it was read from it. */
export const mappedAxes = ({ axes }: Record<string, unknown>): Axes =>
  Array.isArray(axes) && axes[0] === 'mel' ? ['mel', 'frame'] : ['frame', 'mel']

/** Features with their axes in another order, or as they are. */
export const turned = (features: Tensor, wanted: Axes): Tensor => {
  const { shape, axes, data } = features
  const [rows = 0, columns = 0] = shape
  if (wanted[0] === axes[0]) return features
  const other = new Float32Array(data.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) other[column * rows + row] = data[row * columns + column]!
  return { ...features, shape: [columns, rows], axes: wanted, data: other }
}
