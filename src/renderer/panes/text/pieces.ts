import { onBeforeUnmount, onMounted } from 'vue'
import { pieces, type Pieces } from '../../stores/pieces.ts'

/** Lets the keys reach this column's pieces while they are shown. */
export const usePieces = (column: number, own: Pieces): void => {
  onMounted(() => pieces.set(column, own))
  onBeforeUnmount(() => {
    if (pieces.get(column) === own) pieces.delete(column)
  })
}

/** The index that is `by` further than `now` in a list of `count`, within its ends; the first or the last where there is none now. */
export const stepped = (now: number | null, by: number, count: number): number => {
  if (now === null) return by > 0 ? 0 : count - 1
  return Math.min(count - 1, Math.max(0, now + by))
}
