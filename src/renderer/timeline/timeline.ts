import { defineStore } from 'pinia'
import type { Range } from '../../contract/tensor.ts'
import { fitted, lengthOf, moved, panned, zoomed } from './geometry.ts'

/**
 * The one timeline of all columns: what is visible, where the cursor and the playhead are, and each recording's region. Columns are laid
 * over each other by offsets, and this is the one place that knows them: what is kept here is in aligned seconds, those of column A. What
 * a column is asked for or told is in its own recording's seconds: aligned seconds and the column's offset.
 */

const letters = ['A', 'B', 'C', 'D'] as const
export const letterOf = (column: number): string => letters[column] ?? '?'

/** By the regions' starts, by their first onsets, or by whatever offset a person gave. */
export const alignments = ['free', 'start', 'onset'] as const
export type Alignment = (typeof alignments)[number]

interface State {
  /** in aligned seconds, as all but the regions: shared by the columns while `linked`, else the range of column 0 … 3 */
  visible: Range[]
  linked: boolean
  alignment: Alignment
  /** what is to be added to aligned seconds to get column 0 … 3's own; 0 for column A */
  offsets: number[]
  /** seconds under the pointer, the same moment in every pane of every column */
  cursor: number | null
  /** the moment whose attention row is looked at */
  query: number | null
  pinned: boolean
  /** in the column's own seconds */
  playhead: { column: number; seconds: number } | null
  /** the analysed region by recording id, in its own seconds */
  regions: Record<string, Range>
  /** of the columns' recordings, in seconds; 0 for an empty column */
  lengths: number[]
}

export const useTimeline = defineStore('timeline', {
  state: (): State => ({
    visible: letters.map((): Range => [0, 5]),
    linked: true,
    alignment: 'free',
    offsets: letters.map(() => 0),
    cursor: null,
    query: null,
    pinned: false,
    playhead: null,
    regions: {},
    lengths: [5],
  }),
  getters: {
    /** the moment whose row is looked at: pinned, hovered in an attention pane, or simply under the cursor */
    lookedAt: (state): number | null => state.query ?? state.cursor,
    /** everything there is to show: from the earliest start to the latest end of the columns' recordings */
    limit: ({ lengths, offsets }): Range => {
      const recordings = lengths.flatMap((length, i) => (length > 0 ? [moved([0, length], -(offsets[i] ?? 0))] : []))
      const start = Math.min(...recordings.map(([start]) => start), recordings.length > 0 ? Infinity : 0)
      return [start, Math.max(start + 0.1, ...recordings.map(([, end]) => end))]
    },
  },
  actions: {
    offsetOf(column: number): number {
      return this.offsets[column] ?? 0
    },
    /** what is visible of a column, in its own seconds */
    rangeOf(column: number): Range {
      return moved(this.visible[this.linked ? 0 : column] ?? [0, 5], this.offsetOf(column))
    },
    show(column: number, range: Range): void {
      this.showAligned(column, moved(range, -this.offsetOf(column)))
    },
    showAligned(column: number, range: Range): void {
      const next = fitted(range, this.limit)
      this.visible = this.visible.map((old, i) => (this.linked || i === column ? next : old))
    },
    /** `anchor` in the column's own seconds */
    zoom(column: number, factor: number, anchor?: number): void {
      const range = this.visible[this.linked ? 0 : column] ?? [0, 5]
      const at = anchor === undefined ? this.cursor : anchor - this.offsetOf(column)
      this.showAligned(column, zoomed(range, factor, at ?? (range[0] + range[1]) / 2, this.limit))
    },
    /** by a share of what is visible */
    pan(column: number, share: number): void {
      const range = this.visible[this.linked ? 0 : column] ?? [0, 5]
      this.showAligned(column, panned(range, share * lengthOf(range), this.limit))
    },
    showAll(column: number): void {
      this.showAligned(column, this.limit)
    },
    link(linked: boolean): void {
      const first = this.visible[0] ?? [0, 5]
      this.linked = linked
      if (linked) this.visible = this.visible.map(() => first)
    },
    /** `lengths` of the columns' recordings, 0 for none */
    limitTo(lengths: number[]): void {
      this.lengths = lengths
      this.visible = this.visible.map((range) => fitted(range, this.limit))
    },
    /** Offsets of all columns; column A has none. */
    align(offsets: number[]): void {
      const next = letters.map((_, i) => (i === 0 ? 0 : roundOffset(offsets[i] ?? 0)))
      if (next.every((offset, i) => offset === this.offsets[i])) return
      this.offsets = next
      this.visible = this.visible.map((range) => fitted(range, this.limit))
    },
    /** An offset that a person gives, whatever the columns were aligned by before. */
    shift(column: number, offset: number): void {
      this.alignment = 'free'
      this.align(this.offsets.map((old, i) => (i === column ? offset : old)))
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

/** a tenth of a millisecond: finer than a sample that a model hears is coarse */
const roundOffset = (seconds: number): number => Math.round(seconds * 10_000) / 10_000
