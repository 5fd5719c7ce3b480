import { defineStore } from 'pinia'
import { useSettings } from './settings.ts'

/** How loud the columns' regions are, and what brings them to one level: the softest is that level, so that nothing exceeds full scale. */
export const useLevels = defineStore('levels', {
  state: () => ({
    /** by column, in LUFS; null where there is nothing to measure; empty before it is measured */
    loudness: [] as (number | null)[],
  }),
  getters: {
    /** in dB, never above 0 */
    decibels:
      ({ loudness }) =>
      (column: number): number => {
        const own = loudness[column] ?? null
        const known = loudness.filter((one) => one !== null)
        return own === null || !useSettings().matchLevels ? 0 : Math.min(...known) - own
      },
    /** a factor of amplitudes */
    gainOf(): (column: number) => number {
      return (column) => 10 ** (this.decibels(column) / 20)
    },
  },
})
