import type { Tensor } from '../../../contract/tensor.ts'

/** Name of the input as it was read from the graph. */
export const mappedInput = (config: Record<string, unknown>): string => String(config['input'])

/** Features with the axes in the order that the graph takes them in. */
export const turned = (features: Tensor, preprocessor: Record<string, unknown>): Tensor => {
  const { shape, axes, data } = features
  const wanted = preprocessor['axes']
  const [rows = 0, columns = 0] = shape
  if (!Array.isArray(wanted) || wanted[0] === axes[0]) return features
  const other = new Float32Array(data.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) other[column * rows + row] = data[row * columns + column]!
  return { ...features, shape: [columns, rows], axes: axes.toReversed(), data: other }
}
