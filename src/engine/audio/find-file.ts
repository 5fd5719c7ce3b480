import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileHash, type Recording } from '../../contract/recording.ts'
import { fileIdentity } from '../store/file-identity.ts'
import { hashFile } from './content-hash.ts'

/** Where the file of a recording is now: it may have been moved, renamed, written to or removed since it was opened. */

export type Whereabouts = { state: 'here'; path: string } | { state: 'changed' | 'gone' }

/** A folder with more files than this is not searched through by content. */
const mostFiles = 10_000
const mostHashed = 8

const sizeOf = (path: string): number | null => {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? stat.size : null
}

const filesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .slice(0, mostFiles)
      .map((name) => join(folder, name))
  } catch {
    // a folder that is gone, or may not be read, holds nothing for us
    return []
  }
}

const holds = (path: string, recording: Recording): Promise<boolean> =>
  hashFile(path, recording.bytes).then(
    (hash) => hash === fileHash(recording),
    () => false,
  )

/**
 * At its path, else under another name in the same folder or in `folders`: by what the system says of it, then by the hash of files
 * that are as long. A file that was written to is hashed, unless its length says enough.
 */
export const findFile = async (
  { path, identity, recording }: { path: string; identity: string | null; recording: Recording },
  folders: readonly string[] = [],
): Promise<Whereabouts> => {
  const now = fileIdentity(path)
  if (now !== null && now === identity) return { state: 'here', path }
  if (now !== null) {
    const same = sizeOf(path) === recording.bytes && (await holds(path, recording))
    return same ? { state: 'here', path } : { state: 'changed' }
  }
  const asLong = [dirname(path), ...folders].flatMap(filesIn).filter((file) => sizeOf(file) === recording.bytes)
  const moved = asLong.find((file) => fileIdentity(file) === identity)
  if (moved) return { state: 'here', path: moved }
  for (const file of asLong.slice(0, mostHashed)) if (await holds(file, recording)) return { state: 'here', path: file }
  return { state: 'gone' }
}
