import { rmSync } from 'node:fs'
import { resolve } from 'node:path'

/** Files that were made to be opened, as uploads are: each is removed as soon as nothing needs it. */
export interface OwnFiles {
  add(path: string): void
  /** keeps a file while the work is done, then removes it where nothing needs it */
  during<T>(path: string, work: () => Promise<T>): Promise<T>
  /** removes those that nothing needs any more */
  sweep(): void
}

/** `needed`: paths of what is open or waits. */
export const createOwnFiles = (needed: () => readonly string[]): OwnFiles => {
  const all = new Set<string>()
  const working: string[] = []
  const sweep = (): void => {
    const kept = new Set([...needed().map((path) => resolve(path)), ...working])
    for (const path of all) {
      if (kept.has(path)) continue
      try {
        rmSync(path, { force: true })
        all.delete(path)
      } catch {
        // somebody reads it still, where that keeps it: the next sweep takes it, or the end of its folder
      }
    }
  }
  return {
    add: (path) => void all.add(resolve(path)),
    during: async (path, work) => {
      const file = resolve(path)
      working.push(file)
      try {
        return await work()
      } finally {
        working.splice(working.indexOf(file), 1)
        sweep()
      }
    },
    sweep,
  }
}
