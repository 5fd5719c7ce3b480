import { defineStore } from 'pinia'
import type { HeardPart, HearQuery } from '../../contract/engine.ts'

/** What is listened to: the sound as it is, or the looked-at attention row as loudness. The same in every column. */
export const useHearing = defineStore('hearing', {
  state: () => ({
    part: 'all' as 'all' | HeardPart,
    /** models of patches may be heard in time alone, too */
    mask: 'patches' as HearQuery['mask'],
  }),
})
