import type { Recording } from '../../contract/recording.ts'
import type { Database } from './database.ts'

/** Cards and overviews of recordings that were opened. */
export const recordings = (db: Database, now: () => number) => {
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO recordings (id, card, overview, used) VALUES (?, ?, ?, ?)`)
  return {
    put: (recording: Recording, overview: Uint8Array): void => {
      put.run(recording.id, JSON.stringify(recording), overview, now())
    },
  }
}
