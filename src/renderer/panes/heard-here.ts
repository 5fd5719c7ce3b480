import { computed } from 'vue'
import { player } from '../playback/player.ts'

/** What a column plays, where that is not the sound as it is, and of which region. */
export const useHeardHere = (column: number) =>
  computed(() => ({
    heard: player.playing && player.column === column ? player.heard : null,
    region: player.region,
  }))
