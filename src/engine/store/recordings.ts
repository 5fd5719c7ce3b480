import type { Recording } from '../../contract/recording.ts'
import { version } from '../paths.ts'
import type { Database } from './database.ts'

interface Card {
  version: string
  recording: Recording
}

/** Cards and overviews of recordings that were opened; another version may have read them differently. */
export const recordings = (db: Database, now: () => number) => {
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO recordings (id, card, overview, used) VALUES (?, ?, ?, ?)`)
  const find = db.prepare<[string], { card: string; overview: Buffer }>(
    /* sql */ `SELECT card, overview FROM recordings WHERE id = ?`,
  )
  const touch = db.prepare(/* sql */ `UPDATE recordings SET used = ? WHERE id = ?`)
  return {
    put: (recording: Recording, overview: Uint8Array): void => {
      put.run(recording.id, JSON.stringify({ version, recording } satisfies Card), overview, now())
    },
    find: (id: string): { recording: Recording; overview: Uint8Array } | null => {
      const row = find.get(id)
      if (!row) return null
      const card = JSON.parse(row.card) as Card
      if (card.version !== version) return null
      touch.run(now(), id)
      return { recording: card.recording, overview: row.overview }
    },
  }
}
