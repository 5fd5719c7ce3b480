import type { Database } from './database.ts'

/** Imported models: id → absolute folder. */
export const importedModels = (db: Database) => {
  const list = db.prepare<[], { id: string; folder: string }>(/* sql */ `SELECT id, folder FROM models ORDER BY id`)
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO models (id, folder) VALUES (?, ?)`)
  const remove = db.prepare(/* sql */ `DELETE FROM models WHERE id = ?`)
  return {
    list: () => list.all(),
    put: (id: string, folder: string): void => void put.run(id, folder),
    delete: (id: string): boolean => remove.run(id).changes > 0,
  }
}
