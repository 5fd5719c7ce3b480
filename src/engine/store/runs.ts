import type { Run } from '../../contract/run.ts'
import type { Database } from './database.ts'

/** A look-up is a write only once in this long: looking must not wait for the process that writes. */
const touchMilliseconds = 60_000

/** Cards of runs; their tensors hang on them and go with them. */
export const runs = (db: Database, now: () => number) => {
  const find = db.prepare<[string], { card: string; used: number }>(
    /* sql */ `SELECT card, used FROM runs WHERE id = ?`,
  )
  const findOfModel = db.prepare<[string, number], { card: string }>(
    /* sql */ `SELECT card FROM runs WHERE card ->> '$.model.hash' = ? ORDER BY used DESC, rowid DESC LIMIT ?`,
  )
  const touch = db.prepare(/* sql */ `UPDATE runs SET used = ? WHERE id = ?`)
  const put = db.prepare(/* sql */ `INSERT INTO runs (id, card, bytes, used) VALUES (?, ?, 0, ?)`)
  const measure = db.prepare(/* sql */ `UPDATE runs SET bytes = ? WHERE id = ?`)
  const remove = db.prepare(/* sql */ `DELETE FROM runs WHERE id = ?`)

  const putAll = db.transaction((run: Run, putTensors: (run: string) => number) => {
    remove.run(run.id)
    const card = JSON.stringify(run)
    put.run(run.id, card, now())
    measure.run(putTensors(run.id) + card.length, run.id)
  })

  return {
    find: (id: string, mayTouch: boolean): Run | null => {
      const row = find.get(id)
      if (!row) return null
      if (mayTouch && now() - row.used >= touchMilliseconds) touch.run(now(), id)
      return JSON.parse(row.card) as Run
    },
    /** Those of one model that were used last. */
    findOfModel: (hash: string, most: number): Run[] =>
      findOfModel.all(hash, most).map(({ card }) => JSON.parse(card) as Run),
    /** One transaction; `putTensors` writes under the run's id and answers how many bytes it wrote. */
    put: (run: Run, putTensors: (run: string) => number): void => putAll.immediate(run, putTensors),
    delete: (id: string): void => void remove.run(id),
  }
}
