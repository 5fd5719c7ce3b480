import type { Database } from './database.ts'

/** Pages given back to the system per transaction: 32 MB, so that nobody waits long for the lock. */
const vacuumPages = 2000

interface Candidate {
  kind: 'run' | 'recording'
  id: string
}

/** Keeps what is stored under `limit()` bytes: the least recently used run or recording goes first. */
export const eviction = (db: Database, limit: () => number) => {
  const total = db.prepare<[], { runs: number; recordings: number; bytes: number }>(/* sql */ `
    SELECT (SELECT count(*) FROM runs) AS runs,
           (SELECT count(*) FROM recordings) AS recordings,
           (SELECT coalesce(sum(bytes), 0) FROM runs) +
           (SELECT coalesce(sum(length(card)), 0) FROM recordings) +
           (SELECT coalesce(sum(length(bytes)), 0) FROM overviews) +
           (SELECT coalesce(sum(length(bytes)), 0) FROM coarse) AS bytes`)
  const oldest = db.prepare<[string], Candidate>(/* sql */ `
    SELECT kind, id FROM (
      SELECT 'run' AS kind, id, used FROM runs UNION ALL SELECT 'recording', id, used FROM recordings
    ) WHERE id <> ? ORDER BY used, id LIMIT 1`)
  const remove = {
    run: db.prepare(/* sql */ `DELETE FROM runs WHERE id = ?`),
    recording: db.prepare(/* sql */ `DELETE FROM recordings WHERE id = ?`),
  }
  const shrink = (): void => void db.exec(`PRAGMA incremental_vacuum(${vacuumPages})`)

  return {
    stats: () => ({ ...total.get()!, limit: limit() }),

    /** Never drops the run or recording `keep`, which somebody waits for, even where it alone exceeds the limit. */
    evict: (keep: string): void => {
      while (total.get()!.bytes > limit()) {
        const next = oldest.get(keep)
        if (!next) return
        remove[next.kind].run(next.id)
        shrink()
      }
    },

    /** Everything that can be computed again; imported models stay. */
    clear: (): void => {
      for (const table of ['runs', 'recordings', 'files', 'verdicts']) db.exec(`DELETE FROM ${table}`)
      db.exec('PRAGMA incremental_vacuum')
      db.pragma('wal_checkpoint(TRUNCATE)')
    },
  }
}
