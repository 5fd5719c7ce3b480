import { Zip, ZipDeflate, ZipPassThrough, strFromU8, unzipSync, type ZipInputFile } from 'fflate'
import { elementCount, type DType, type Tensor } from '../contract/tensor.ts'
import { concat } from './concat.ts'
import { bytesOf, bytesPerElement, npyHeader, readNpy } from './npy.ts'

/** NumPy's archive: a zip of npy files, written as a stream. */

/** A zip without its 64-bit extension ends here, file for file and as a whole. */
export const npzLimitBytes = 0xffff_ffff

export interface NpzWriter {
  /** starts an array; its values follow by `push`, in row-major order */
  begin(name: string, dtype: DType, shape: readonly number[]): void
  push(bytes: Uint8Array): void
  /** ends the array */
  end(): void
  /** ends the archive */
  close(): void
}

/** `write` gets the archive piece by piece, each piece a buffer of its own or one that was pushed. */
export const npzWriter = (write: (bytes: Uint8Array) => void, options: { deflate?: boolean } = {}): NpzWriter => {
  const zip = new Zip((error, bytes) => {
    if (error) throw error
    if (bytes.length > 0) write(bytes)
  })
  let entry: (ZipInputFile & { push(bytes: Uint8Array, final?: boolean): void }) | undefined
  return {
    begin: (name, dtype, shape) => {
      entry = options.deflate ? new ZipDeflate(`${name}.npy`, { level: 6 }) : new ZipPassThrough(`${name}.npy`)
      // a fixed date: the same arrays make the same file
      entry.mtime = new Date(1980, 0, 1, 12)
      zip.add(entry)
      entry.push(npyHeader(dtype, shape))
    },
    push: (bytes) => entry!.push(bytes),
    end: () => entry!.push(new Uint8Array(0), true),
    close: () => zip.end(),
  }
}

/** Upper bound of the archive's size when its arrays are stored. */
export const npzBytes = (arrays: readonly { name: string; dtype: DType; shape: readonly number[] }[]): number =>
  arrays.reduce(
    (sum, { name, dtype, shape }) => sum + elementCount(shape) * bytesPerElement[dtype] + 512 + 3 * name.length,
    64,
  )

/** A whole archive of small arrays in memory, deflated. */
export const writeNpz = (arrays: Record<string, Tensor<DType>>): Uint8Array => {
  const pieces: Uint8Array[] = []
  const writer = npzWriter((bytes) => void pieces.push(bytes), { deflate: true })
  for (const [name, tensor] of Object.entries(arrays)) {
    writer.begin(name, tensor.dtype, tensor.shape)
    writer.push(bytesOf(tensor.data))
    writer.end()
  }
  writer.close()
  return concat(pieces)
}

/** Every array by name. */
export const readNpz = (bytes: Uint8Array): Map<string, ReturnType<typeof readNpy>> =>
  new Map(Object.entries(unzipSync(bytes)).map(([file, npy]) => [file.replace(/\.npy$/, ''), readNpy(npy)]))

/** JSON kept as a uint8 array: an archive's `__metadata__`. */
export const textTensor = (text: string): Tensor<'uint8'> => {
  const data = new TextEncoder().encode(text)
  return { dtype: 'uint8', shape: [data.length], axes: ['byte'], data }
}

export const textOf = (data: Uint8Array): string => strFromU8(data)
