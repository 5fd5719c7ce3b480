/** What a column's text pane shows one after another on the time axis (tokens, words or characters), for the keys that go through it. */
export interface Pieces {
  /** to the one that is `by` further, or to the first */
  step(by: number): void
}

export const pieces = new Map<number, Pieces>()
