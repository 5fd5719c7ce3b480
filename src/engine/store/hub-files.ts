import type { Database } from './database.ts'

/** A file that Otoscope itself put into Hugging Face's cache: what it may delete again. */
export interface HubFileRecord {
  /** owner/name */
  repo: string
  /** the commit it belongs to */
  revision: string
  /** within the repository */
  path: string
  /** its name among the blobs: the hash of its content */
  blob: string
}

export const hubFiles = (db: Database) => {
  const all = db.prepare<[], HubFileRecord>(/* sql */ `SELECT repo, revision, path, blob FROM hub_files ORDER BY path`)
  const of = db.prepare<[string], HubFileRecord>(
    /* sql */ `SELECT repo, revision, path, blob FROM hub_files WHERE repo = ? ORDER BY path`,
  )
  const put = db.prepare<[HubFileRecord]>(
    /* sql */ `INSERT OR REPLACE INTO hub_files (repo, revision, path, blob) VALUES (@repo, @revision, @path, @blob)`,
  )
  const remove = db.prepare<[HubFileRecord]>(
    /* sql */ `DELETE FROM hub_files WHERE repo = @repo AND revision = @revision AND path = @path`,
  )
  return {
    list: (repo?: string): HubFileRecord[] => (repo === undefined ? all.all() : of.all(repo)),
    put: (file: HubFileRecord): void => void put.run(file),
    delete: (file: HubFileRecord): void => void remove.run(file),
  }
}
