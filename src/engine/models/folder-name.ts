import { basename, dirname, resolve } from 'node:path'

/** What a model folder is called: its own name, or the repository's where it is a revision in Hugging Face's cache. */
export const folderName = (folder: string): string => {
  const path = resolve(folder)
  const repository = /^models--(?:.+--)?(.+)$/.exec(basename(dirname(dirname(path))))?.[1]
  return repository !== undefined && basename(dirname(path)) === 'snapshots' ? repository : basename(path)
}
