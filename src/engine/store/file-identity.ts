import { statSync } from 'node:fs'

/**
 * What the system says of a file as long as nobody writes to it, wherever in its disk it is moved. Not the change time: a hard link
 * beside a skeleton changes that. Null where there is no such file.
 */
export const fileIdentity = (path: string): string | null => {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}` : null
}
