import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, copyFile, link, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { refPath, snapshotFolder } from './layout.ts'

const exists = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  )

/**
 * Makes a blob appear in a snapshot under its path: a relative link; where the system refuses those (Windows without the
 * right) the file itself, as huggingface_hub does. Another process may be doing the same.
 */
export const placeInSnapshot = async (
  folder: string,
  commit: string,
  path: string,
  blob: string,
  makeLink: (source: string, target: string) => Promise<void> = symlink,
): Promise<void> => {
  const target = join(snapshotFolder(folder, commit), ...path.split('/'))
  if (await exists(target)) return
  await mkdir(dirname(target), { recursive: true })
  const source = relative(dirname(target), blob)
  try {
    await makeLink(source, target)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return replaceDangling(target, source, blob)
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'UNKNOWN'].includes(code ?? '')) throw error
    await copyInto(blob, target)
  }
}

/** A link that leads nowhere is left by whoever deleted blobs by hand. */
const replaceDangling = async (target: string, source: string, blob: string): Promise<void> => {
  if (await exists(target)) return
  const leads = await readlink(target).catch(() => null)
  if (leads === null) return copyInto(blob, target)
  await rm(target, { force: true })
  await symlink(source, target)
}

/** One file under two names where the disk allows it, else a copy; whole at once either way. */
const copyInto = async (blob: string, target: string): Promise<void> => {
  const beside = `${target}.${randomUUID().slice(0, 8)}.tmp`
  await link(blob, beside).catch(() => copyFile(blob, beside))
  await rename(beside, target)
}

/** Says which commit a branch or tag is; Python reads it. Written at once, and last: what it names is whole. */
export const writeRef = async (folder: string, revision: string, commit: string): Promise<void> => {
  if (revision === commit) return
  const path = refPath(folder, revision)
  if ((await readFile(path, 'utf8').catch(() => '')).trim() === commit) return
  await mkdir(dirname(path), { recursive: true })
  const beside = `${path}.${randomUUID().slice(0, 8)}.tmp`
  await writeFile(beside, commit)
  await rename(beside, path)
}
