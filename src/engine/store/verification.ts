import type { Database } from './database.ts'
import { isSound } from './tensors.ts'

interface ChunkRow {
  run: string
  checksum: number
  bytes: Buffer
}

/** Recomputes every checksum. A run with a bad or missing chunk is deleted whole: it is computed again when next asked for. */
export const verification = (db: Database) => {
  const chunks = db.prepare<[], ChunkRow>(/* sql */ `
    SELECT run, checksum, bytes FROM chunks JOIN tensors ON tensors.key = chunks.tensor`)
  const short = db.prepare<[], { run: string }>(/* sql */ `
    SELECT run FROM tensors LEFT JOIN chunks ON tensors.key = chunks.tensor
    GROUP BY tensors.key
    HAVING count(chunks.number) <> (json_extract(shape, '$[0]') + chunk_rows - 1) / chunk_rows`)
  const remove = db.prepare(/* sql */ `DELETE FROM runs WHERE id = ?`)

  return {
    /** `checked` and `bad` count chunks. Throws SQLite's error where the file is broken beyond single rows. */
    verify: (): { checked: number; bad: number } => {
      const [answer] = db.pragma('quick_check(1)') as { quick_check: string }[]
      if (answer?.quick_check !== 'ok') throw Object.assign(new Error(answer?.quick_check), { code: 'SQLITE_CORRUPT' })
      const bad = new Set(short.all().map(({ run }) => run))
      let checked = 0
      let count = bad.size
      for (const chunk of chunks.iterate()) {
        checked++
        if (isSound(chunk)) continue
        count++
        bad.add(chunk.run)
      }
      for (const run of bad) remove.run(run)
      return { checked, bad: count }
    },
  }
}
