import { crc32 } from 'node:zlib'
import { EngineError } from '../../contract/errors.ts'
import type { TapName } from '../../contract/tap.ts'
import { elementCount, type DType, type Range, type Tensor } from '../../contract/tensor.ts'
import type { Database } from './database.ts'

const chunkBytes = 2 ** 20
const arrays = { float32: Float32Array, int64: BigInt64Array, uint8: Uint8Array }

interface TensorRow {
  key: number
  dtype: DType
  shape: string
  axes: string
  chunk_rows: number
}
interface ChunkRow {
  number: number
  checksum: number
  bytes: Buffer
}

/** Tensors in chunks of whole rows of their first axis, each with a checksum: SQLite itself does not see a flipped bit in a blob. */
export const tensors = (db: Database) => {
  const insert = db.prepare(
    /* sql */ `INSERT INTO tensors (run, tap, dtype, shape, axes, chunk_rows) VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const insertChunk = db.prepare(/* sql */ `INSERT INTO chunks (tensor, number, checksum, bytes) VALUES (?, ?, ?, ?)`)
  const find = db.prepare<[string, string], TensorRow>(
    /* sql */ `SELECT key, dtype, shape, axes, chunk_rows FROM tensors WHERE run = ? AND tap = ?`,
  )
  const findChunks = db.prepare<[number, number, number], ChunkRow>(
    /* sql */ `SELECT number, checksum, bytes FROM chunks WHERE tensor = ? AND number >= ? AND number < ? ORDER BY number`,
  )

  const put = (run: string, tap: TapName, tensor: Tensor<DType>): number => {
    const { rows, rowBytes } = layout(tensor)
    const chunkRows = Math.max(1, Math.floor(chunkBytes / Math.max(1, rowBytes)))
    const { dtype, shape, axes } = tensor
    const key = insert.run(run, tap, dtype, JSON.stringify(shape), JSON.stringify(axes), chunkRows).lastInsertRowid
    for (let start = 0, number = 0; start < rows; start += chunkRows, number++) {
      const length = Math.min(chunkRows, rows - start) * rowBytes
      const bytes = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset + start * rowBytes, length)
      insertChunk.run(key, number, crc32(bytes), bytes)
    }
    return rows * rowBytes
  }

  // one transaction: the run may be replaced between the two reads
  const read = db.transaction((run: string, tap: TapName, rows?: Range): Tensor<DType> => {
    const row = find.get(run, tap)
    if (!row) throw new EngineError('not-found', `no stored ${tap} of this run: start the run again`, { run, tap })
    const shape = JSON.parse(row.shape) as number[]
    const [start, end] = rows ?? [0, shape[0] ?? 1]
    if (start < 0 || end > (shape[0] ?? 1) || start > end)
      throw new EngineError('bad-input', `rows ${start} to ${end} of ${tap}: it has ${shape[0] ?? 1}`, { tap })
    const rest = elementCount(shape.slice(1))
    const data = new arrays[row.dtype]((end - start) * rest)
    const first = Math.floor(start / row.chunk_rows)
    const last = start < end ? Math.ceil(end / row.chunk_rows) : first
    const chunks = findChunks.all(row.key, first, last)
    if (chunks.length !== last - first || !chunks.every(isSound)) throw damaged(run, tap)
    gather(data, chunks, row.chunk_rows * rest, start * rest)
    const outer = shape.length === 0 ? [] : [end - start, ...shape.slice(1)]
    return { dtype: row.dtype, shape: outer, axes: JSON.parse(row.axes) as string[], data }
  })

  return {
    /** Writes them under `run` and answers how many bytes they have; to be called within a transaction. */
    put: (run: string, items: Iterable<{ tap: TapName; tensor: Tensor<DType> }>): number => {
      let bytes = 0
      for (const { tap, tensor } of items) bytes += put(run, tap, tensor)
      return bytes
    },

    read: (run: string, tap: TapName, rows?: Range): Tensor<DType> => read(run, tap, rows),
  }
}

export const isSound = (chunk: { checksum: number; bytes: Uint8Array }): boolean =>
  crc32(chunk.bytes) === chunk.checksum

const damaged = (run: string, tap: TapName): EngineError =>
  new EngineError('not-found', `the stored ${tap} of this run is damaged: start the run again`, {
    run,
    tap,
    damaged: true,
  })

const layout = (tensor: Tensor<DType>): { rows: number; rowBytes: number } => {
  if (elementCount(tensor.shape) !== tensor.data.length)
    throw new EngineError(
      'internal',
      `a tensor of shape [${tensor.shape.join(', ')}] holds ${tensor.data.length} values`,
    )
  const rows = tensor.shape[0] ?? 1
  return { rows, rowBytes: rows === 0 ? 0 : tensor.data.byteLength / rows }
}

/** Copies chunks of `chunkElements` values into `data`, whose first value is number `offset` of the tensor. */
const gather = (
  data: Float32Array | BigInt64Array | Uint8Array,
  chunks: ChunkRow[],
  chunkElements: number,
  offset: number,
) => {
  const target = new Uint8Array(data.buffer)
  for (const { number, bytes } of chunks) {
    const at = (number * chunkElements - offset) * data.BYTES_PER_ELEMENT
    const from = Math.max(0, -at)
    const to = Math.min(bytes.length, target.length - at)
    target.set(bytes.subarray(from, to), at + from)
  }
}
