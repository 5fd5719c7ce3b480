import type { LabelCard } from '../../../contract/run.ts'

/** The labels of a run in the order of a list of indices; those that it does not name keep their own order behind. */
export const inOrderOf = (items: readonly LabelCard[], order: readonly number[]): LabelCard[] => {
  const place = new Map(order.map((index, i) => [index, i]))
  return [...items].sort((a, b) => (place.get(a.index) ?? order.length) - (place.get(b.index) ?? order.length))
}
