import { defineStore } from 'pinia'
import type { Range } from '../../contract/tensor.ts'
import { fitted, lengthOf, panned, zoomed } from './geometry.ts'

/** The one timeline of all columns: what is visible, where the cursor and the playhead are, and each recording's region. */

const letters = ['A', 'B', 'C', 'D'] as const
export const letterOf = (column: number): string => letters[column] ?? '?'

interface State {
  /** shared by the columns while `linked`, else the range of column 0 … 3 */
  visible: Range[]
  linked: boolean
  /** seconds under the pointer, the same moment in every pane of every column */
  cursor: number | null
  /** the moment whose attention row is looked at, in seconds */
  query: number | null
  pinned: boolean
  playhead: { column: number; seconds: number } | null
  /** the analysed region by recording id */
  regions: Record<string, Range>
  /** everything there is to show: from zero to the end of the longest recording in a column */
  limit: Range
}

export const useTimeline = defineStore('timeline', {
  state: (): State => ({
    visible: letters.map((): Range => [0, 5]),
    linked: true,
    cursor: null,
    query: null,
    pinned: false,
    playhead: null,
    regions: {},
    limit: [0, 5],
  }),
  getters: {
    /** the moment whose row is looked at: pinned, hovered in an attention pane, or simply under the cursor */
    lookedAt: (state): number | null => state.query ?? state.cursor,
  },
  actions: {
    rangeOf(column: number): Range {
      return this.visible[this.linked ? 0 : column] ?? [0, 5]
    },
    show(column: number, range: Range): void {
      const next = fitted(range, this.limit)
      this.visible = this.visible.map((old, i) => (this.linked || i === column ? next : old))
    },
    zoom(column: number, factor: number, anchor?: number): void {
      const range = this.rangeOf(column)
      this.show(column, zoomed(range, factor, anchor ?? this.cursor ?? (range[0] + range[1]) / 2, this.limit))
    },
    /** by a share of what is visible */
    pan(column: number, share: number): void {
      const range = this.rangeOf(column)
      this.show(column, panned(range, share * lengthOf(range), this.limit))
    },
    showAll(column: number): void {
      this.show(column, this.limit)
    },
    link(linked: boolean): void {
      const first = this.rangeOf(0)
      this.linked = linked
      if (linked) this.visible = this.visible.map(() => first)
    },
    limitTo(seconds: number): void {
      this.limit = [0, Math.max(seconds, 0.1)]
      this.visible = this.visible.map((range) => fitted(range, this.limit))
    },
    pin(seconds: number | null): void {
      this.query = seconds
      this.pinned = seconds !== null
    },
    /** a hovered row; a pinned one stays */
    look(seconds: number | null): void {
      if (!this.pinned) this.query = seconds
    },
    moveCursor(by: number): void {
      const [start, end] = this.limit
      this.cursor = Math.min(end, Math.max(start, (this.cursor ?? this.rangeOf(0)[0]) + by))
      if (this.pinned && this.query !== null) this.query = Math.min(end, Math.max(start, this.query + by))
    },
  },
})
