import { createHash } from 'node:crypto'
import { posix, win32 } from 'node:path'
import { fileHash } from '../../contract/recording.ts'
import type { Run } from '../../contract/run.ts'
import type { HeardWindow } from '../../contract/windows.ts'
import { regionOf } from '../../figures/over-region.ts'
import { version } from '../paths.ts'

/** What a report was made of and what it holds; files by their names, never their folders; no date, so that it can be compared. */
export interface Manifest {
  otoscope: string
  command: string[]
  versions: { onnxruntime: string[]; decoder: string[] }
  providers: string[]
  recordings: { name: string; sha256: string; region: [number, number] }[]
  models: { id: string; sha256: string; family: string; type: string; untrained: boolean }[]
  runs: {
    id: string
    recording: string
    region: [number, number]
    model: string
    provider: string
    device: string
    choice: string
    nodes: Run['nodes']
    parity: Run['parity']
    threads: number
    options: Run['options']
    language: string | null
    warnings: string[]
  }[]
  leftOut: string[]
  files: { path: string; bytes: number; sha256: string }[]
}

export interface WrittenFile {
  /** relative to the report, with forward slashes */
  path: string
  bytes: Uint8Array
}

export const writeManifest = (
  rows: readonly HeardWindow[][][],
  files: readonly WrittenFile[],
  leftOut: string[],
  command: readonly string[],
): Manifest => {
  const runs = rows.flat(2).map(({ run }) => run)
  return {
    otoscope: version,
    command: command.map(withoutFolders),
    versions: {
      onnxruntime: unique(runs.map((run) => run.versions.onnxruntime)),
      decoder: unique(runs.map((run) => run.versions.decoder)),
    },
    providers: unique(runs.map((run) => run.provider)),
    recordings: (rows[0] ?? []).map((windows) => {
      const { recording } = windows[0]!.run
      return { name: recording.name, sha256: fileHash(recording), region: regionOf(windows) }
    }),
    models: rows.flatMap(([windows]) => (windows?.[0] ? [modelEntry(windows[0].run)] : [])),
    runs: runs.map(runEntry),
    leftOut,
    files: files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
  }
}

const modelEntry = ({ model }: Run): Manifest['models'][number] => ({
  id: model.id,
  sha256: model.hash,
  family: model.family,
  type: model.type,
  untrained: model.untrained,
})

const runEntry = (run: Run): Manifest['runs'][number] => ({
  id: run.id,
  recording: run.recording.name,
  region: [run.region[0], run.region[1]],
  model: run.model.id,
  provider: run.provider,
  device: run.device,
  choice: run.choice,
  nodes: run.nodes,
  parity: run.parity,
  threads: run.threads,
  options: run.options,
  language: run.result.language?.code ?? null,
  warnings: run.warnings,
})

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const unique = (texts: string[]): string[] => [...new Set(texts)]

/** An argument with every path in it cut to its last part: "--models a,/x/b" reads "a,b". */
const withoutFolders = (argument: string): string =>
  argument
    .split(',')
    .map((part) => {
      const equals = /^--[a-z-]+=/.exec(part)?.[0] ?? ''
      const value = part.slice(equals.length)
      return equals + (/[/\\]/.test(value) ? win32.basename(posix.basename(value)) || value.at(-1)! : value)
    })
    .join(',')
