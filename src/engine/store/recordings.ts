import { RawFormat } from '../../contract/raw-format.ts'
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
  const last = db.prepare<[string], { card: string }>(
    /* sql */ `SELECT card FROM recordings WHERE id LIKE ? || '~%' ORDER BY used DESC LIMIT 1`,
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
    reading: (hash: string): RawFormat | null => {
      const row = last.get(hash)
      const read = row && RawFormat.safeParse((JSON.parse(row.card) as Card).recording.raw)
      return read?.success ? read.data : null
    },
  }
}
