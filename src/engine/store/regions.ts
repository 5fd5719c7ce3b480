import type { NamedRegion } from '../../contract/regions.ts'
import type { Database } from './database.ts'

/** Regions that a person named, by recording. They are nobody's to compute again: neither eviction nor clearing takes them. */
export const regions = (db: Database) => {
  const list = db.prepare<[string], { card: string }>(
    /* sql */ `SELECT card FROM regions WHERE recording = ? ORDER BY start, id`,
  )
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO regions (recording, id, start, card) VALUES (?, ?, ?, ?)`)
  const remove = db.prepare(/* sql */ `DELETE FROM regions WHERE recording = ? AND id = ?`)
  return {
    list: (recording: string): NamedRegion[] => list.all(recording).map(({ card }) => JSON.parse(card) as NamedRegion),
    /** all of it or nothing */
    change: (recording: string, changed: readonly NamedRegion[], removed: readonly string[]): void => {
      db.transaction(() => {
        for (const id of removed) remove.run(recording, id)
        for (const region of changed) put.run(recording, region.id, region.start, JSON.stringify(region))
      }).immediate()
    },
  }
}
