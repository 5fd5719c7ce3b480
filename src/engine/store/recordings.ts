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
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO recordings (id, card, used) VALUES (?, ?, ?)`)
  const find = db.prepare<[string], { card: string }>(/* sql */ `SELECT card FROM recordings WHERE id = ?`)
  const removeParts = db.prepare(/* sql */ `DELETE FROM overviews WHERE recording = ?`)
  const putPart = db.prepare(/* sql */ `INSERT INTO overviews (recording, number, bytes) VALUES (?, ?, ?)`)
  const parts = db.prepare<[string], { bytes: Buffer }>(
    /* sql */ `SELECT bytes FROM overviews WHERE recording = ? ORDER BY number`,
  )
  const last = db.prepare<[string], { card: string }>(
    /* sql */ `SELECT card FROM recordings WHERE id LIKE ? || '~%' ORDER BY used DESC LIMIT 1`,
  )
  const touch = db.prepare(/* sql */ `UPDATE recordings SET used = ? WHERE id = ?`)
  return {
    put: db.transaction((recording: Recording, overview: readonly Uint8Array[]): void => {
      removeParts.run(recording.id)
      put.run(recording.id, JSON.stringify({ version, recording } satisfies Card), now())
      for (const [number, bytes] of overview.entries()) putPart.run(recording.id, number, bytes)
    }),
    find: (id: string): { recording: Recording; overview: Uint8Array[] } | null => {
      const row = find.get(id)
      if (!row) return null
      const card = JSON.parse(row.card) as Card
      if (card.version !== version) return null
      touch.run(now(), id)
      return { recording: card.recording, overview: parts.all(id).map(({ bytes }) => bytes) }
    },
    reading: (hash: string): RawFormat | null => {
      const row = last.get(hash)
      const read = row && RawFormat.safeParse((JSON.parse(row.card) as Card).recording.raw)
      return read?.success ? read.data : null
    },
  }
}
