import type { ModelProof } from '../../contract/proof.ts'
import type { RawFormat } from '../../contract/raw-format.ts'
import type { Recording } from '../../contract/recording.ts'
import type { NamedRegion } from '../../contract/regions.ts'
import type { Run, Verdict } from '../../contract/run.ts'
import type { TapName } from '../../contract/tap.ts'
import type { DType, Range, Tensor } from '../../contract/tensor.ts'
import type { Coarse } from '../../signal/coarse-spectrogram.ts'

/**
 * What the rest of the engine may ask of the store (SQLite, design §5). `openStore(folder, { limitBytes, readOnly })` in
 * database.ts returns one; the only file that imports better-sqlite3.
 */
export interface Store {
  readonly folder: string
  /** `overview`: its parts (audio/overview.ts) */
  putRecording(recording: Recording, overview: readonly Uint8Array[]): void
  /** what this version said of a recording, by its content, or null */
  findRecording(id: string): { recording: Recording; overview: Uint8Array[] } | null
  /** how a file without a header was read the last time, by its content, or null */
  reading(hash: string): RawFormat | null
  /** a spectrogram of the whole recording, which goes when the recording goes */
  putCoarse(recording: string, coarse: Coarse): void
  findCoarse(recording: string): Pick<Coarse, 'hop' | 'frames'> | null
  coarseChunk(recording: string, number: number): Uint8Array | null
  /** remembered content hash of a file by (device, inode, size, mtime), or null */
  fileHash(path: string): string | null
  rememberFileHash(path: string, hash: string): void

  findRun(id: string): Run | null
  /** the run and all its tensors in one transaction: a kill in mid-write leaves nothing */
  putRun(run: Run, tensors: Iterable<{ tap: TapName; tensor: Tensor<DType> }>): void
  /** stored runs of a model, those used last first; they are not counted as used */
  runsOfModel(hash: string, most: number): Run[]
  deleteRun(id: string): void
  /** rows [start, end) of the first axis, or the whole; checks the checksum, throws EngineError `not-found` */
  tensor(run: string, tap: TapName, rows?: Range): Tensor<DType>

  /** what this version found when it compared providers on a model, newest first */
  verdicts(modelHash: string): Verdict[]
  /** in place of an earlier one of the same model, provider, device and onnxruntime */
  putVerdict(verdict: Verdict): void

  /** what this version found when it tried a model's taps, or null */
  proof(modelHash: string): ModelProof | null
  putProof(proof: ModelProof): void

  /** named regions of a recording, sorted by start */
  regions(recording: string): NamedRegion[]
  changeRegions(recording: string, put: readonly NamedRegion[], remove: readonly string[]): void

  /** imported models: id → absolute folder */
  importedModels(): { id: string; folder: string }[]
  importModel(id: string, folder: string): void
  removeModel(id: string): boolean

  /** from now on, and at once */
  setLimit(bytes: number): void
  stats(): { runs: number; recordings: number; bytes: number; limit: number }
  /** recomputes every checksum, deletes bad rows */
  verify(): { checked: number; bad: number }
  clear(): void
  close(): void
}
