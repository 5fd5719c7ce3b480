import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder } from '../../store/make-folder.ts'
import { isCommit, isHash, isSafePath } from './layout.ts'

/**
 * Which files of a repository Otoscope itself put into Hugging Face's cache, and so may delete again. It lies beside them, whichever
 * of Otoscope's own folders were used when they came, and goes with them; Python looks at `blobs`, `refs` and `snapshots` alone.
 */
const RecordedFile = z.object({
  commit: z.string().refine(isCommit),
  /** within the repository */
  path: z.string().refine(isSafePath),
  /** its name among the blobs: the hash of its content */
  blob: z.string().refine(isHash),
})
export type RecordedFile = z.output<typeof RecordedFile>

/** A line of JSON for each file: what two processes add at a time does not meet. */
const recordPath = (folder: string): string => join(folder, 'otoscope.jsonl')

const lineOf = ({ commit, path, blob }: RecordedFile): string => `${JSON.stringify({ commit, path, blob })}\n`

/** `folder` is the repository's. A line that was cut off, or that is none of ours, says nothing. */
export const recordedFiles = (folder: string): RecordedFile[] => {
  const path = recordPath(folder)
  const lines = existsSync(path) ? new Set(readFileSync(path, 'utf8').split('\n')) : []
  return [...lines].flatMap((line) => parsed(line) ?? [])
}

const parsed = (line: string): RecordedFile | undefined => {
  try {
    return RecordedFile.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

export const recordFile = (folder: string, file: RecordedFile): void => {
  makeFolder(folder)
  appendFileSync(recordPath(folder), lineOf(file))
}

export const forgetFiles = (folder: string, files: readonly RecordedFile[]): void => {
  const gone = new Set(files.map(lineOf))
  const left = recordedFiles(folder)
    .map(lineOf)
    .filter((line) => !gone.has(line))
  const path = recordPath(folder)
  if (left.length === 0) return rmSync(path, { force: true })
  writeFileSync(`${path}.new`, left.join(''))
  renameSync(`${path}.new`, path)
}
