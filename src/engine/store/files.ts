import { fileIdentity } from './file-identity.ts'
import type { Database } from './database.ts'

/** Content hashes of big files, remembered for as long as (device, inode, size, mtime) stay what they were. */
export const fileHashes = (db: Database) => {
  const find = db.prepare<[string], { hash: string }>(/* sql */ `SELECT hash FROM files WHERE identity = ?`)
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO files (identity, hash) VALUES (?, ?)`)
  return {
    find: (path: string): string | null => {
      const identity = fileIdentity(path)
      return identity === null ? null : (find.get(identity)?.hash ?? null)
    },
    remember: (path: string, hash: string): void => {
      const identity = fileIdentity(path)
      if (identity !== null) put.run(identity, hash)
    },
  }
}
