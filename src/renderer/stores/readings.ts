import { defineStore } from 'pinia'

/** What is read off the looked-at attention row of each column: small facts for the status line and the reading note. */
export interface Reading {
  letter: string
  /** "query 2.08 s" or "token 5" */
  query: string
  /** the weight given to the key under the cursor; null where there is none */
  key: { at: string; weight: number } | null
  /** share of the row's weight within `nearSeconds` of the query; null where queries have no time */
  near: number | null
  padding: number | null
}

export const useReadings = defineStore('readings', {
  state: () => ({ byColumn: new Map<number, Reading>() }),
  getters: {
    list: (state): Reading[] => [...state.byColumn.values()].sort((a, b) => (a.letter < b.letter ? -1 : 1)),
  },
})
