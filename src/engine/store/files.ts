import { statSync } from 'node:fs'
import type { Database } from './database.ts'

/** Content hashes of big files, remembered for as long as (device, inode, size, mtime) stay what they were. */
export const fileHashes = (db: Database) => {
  const find = db.prepare<[string], { hash: string }>(/* sql */ `SELECT hash FROM files WHERE identity = ?`)
  const put = db.prepare(/* sql */ `INSERT OR REPLACE INTO files (identity, hash) VALUES (?, ?)`)
  return {
    find: (path: string): string | null => {
      const identity = identityOf(path)
      return identity === null ? null : (find.get(identity)?.hash ?? null)
    },
    remember: (path: string, hash: string): void => {
      const identity = identityOf(path)
      if (identity !== null) put.run(identity, hash)
    },
  }
}

/** Not the change time: a hard link beside a skeleton changes that. Null where there is no such file. */
const identityOf = (path: string): string | null => {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}` : null
}
