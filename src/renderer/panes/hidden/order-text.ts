import type { DimensionOrder } from '../../../contract/hidden.ts'

/** What an order of dimensions is called, and what it means. */
export const orderText: Record<DimensionOrder, { label: string; axis: string; means: string }> = {
  index: { label: 'index', axis: 'Dimension', means: '' },
  variance: {
    label: 'variance',
    axis: 'Dimensions by variance, the greatest first (row)',
    means: 'The dimension that varies most over this clip is the lowest row.',
  },
  similarity: {
    label: 'similarity',
    axis: 'Dimensions by similarity (row)',
    means: 'Dimensions that rise and fall together over this clip lie beside each other.',
  },
}
