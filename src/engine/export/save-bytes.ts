import type { FileAnswer } from '../../contract/file-answer.ts'
import { elementCount, type DType, type DataTypeMap } from '../../contract/tensor.ts'
import { concat } from '../../formats/concat.ts'
import { csvLine, type CsvField } from '../../formats/csv.ts'
import { bytesPerElement, valuesOf } from '../../formats/npy.ts'
import { npzWriter, textTensor } from '../../formats/npz.ts'
import { createPace } from '../pace.ts'
import type { ArrayCard } from './array-file.ts'

/** Arrays as one file in memory, made without holding the engine's thread. */

/** An array to save, its values in blocks of rows. */
export interface SavedArray {
  card: ArrayCard
  blocks: AsyncIterable<Uint8Array>
}
export type SavedBytes = Omit<FileAnswer, 'name'>

export interface SaveContext {
  signal: AbortSignal
  /** hears how many bytes of values are in the file, now and then */
  wrote?: (bytes: number) => void
}

/** of values, as float32 */
export const mostBytes = { npz: 512e6, csv: 32e6 }

/** Taken at a time: its checksum holds the thread for a millisecond or two. */
const sliceBytes = 2 ** 20

export const npzOf = async (
  metadata: object,
  arrays: readonly SavedArray[],
  { signal, wrote }: SaveContext,
): Promise<SavedBytes> => {
  const pieces: Uint8Array[] = []
  const archive = npzWriter((bytes) => void pieces.push(bytes))
  const text = textTensor(JSON.stringify(metadata))
  archive.begin('__metadata__', text.dtype, text.shape)
  archive.push(text.data)
  archive.end()
  const pace = createPace(signal)
  let bytes = 0
  for (const { card, blocks } of arrays) {
    archive.begin(card.name, card.dtype, card.shape)
    for await (const block of blocks) {
      for (let at = 0; at < block.length; at += sliceBytes) {
        archive.push(block.subarray(at, at + sliceBytes))
        await pace()
      }
      bytes += block.length
      wrote?.(bytes)
    }
    archive.end()
  }
  archive.close()
  return { mime: 'application/octet-stream', bytes: concat(pieces) }
}

/** What stands before a row's values. */
export interface CsvLead {
  names: readonly string[]
  /** `index`: the row's position along every axis before the last; of a vector along its only one */
  of(index: readonly number[]): CsvField[]
}

/** A line per row of the last axis, whose columns count from `first`; of a vector a line per value. */
export const csvOf = async (
  { card: { shape, axes, dtype }, blocks }: SavedArray,
  lead: CsvLead,
  first: number,
  { signal, wrote }: SaveContext,
): Promise<SavedBytes> => {
  const isVector = shape.length === 1
  const leading = isVector ? shape : shape.slice(0, -1)
  const width = isVector ? 1 : (shape.at(-1) ?? 1)
  const last = axes.at(-1) ?? ''
  const columns = isVector ? ['value'] : Array.from({ length: width }, (_, i) => `${last} ${first + i}`)
  const pieces: Uint8Array[] = []
  let text = csvLine([...lead.names, ...columns])
  const pace = createPace(signal)
  let row = 0
  let bytes = 0
  for await (const block of blocks) {
    const values = valuesOf(dtype, block, 0, block.length / bytesPerElement[dtype])
    for (let at = 0; at < values.length; at += width, row++) {
      text += csvLine([...lead.of(rowIndex(row, leading)), ...numbersOf(values, at, width)])
      if (text.length >= sliceBytes) {
        pieces.push(Buffer.from(text))
        text = ''
      }
      await pace()
    }
    bytes += block.length
    wrote?.(bytes)
  }
  return { mime: 'text/csv', bytes: concat([...pieces, Buffer.from(text)]) }
}

/** Bytes of arrays' values. */
export const valueBytes = (arrays: readonly { card: ArrayCard }[]): number =>
  arrays.reduce((sum, { card }) => sum + elementCount(card.shape) * bytesPerElement[card.dtype], 0)

const numbersOf = (values: DataTypeMap[DType], at: number, width: number): number[] =>
  Array.from({ length: width }, (_, i) => Number(values[at + i]))

/** The position of a row along each of the axes before the last. */
const rowIndex = (row: number, shape: readonly number[]): number[] => {
  const index: number[] = []
  let rest = row
  for (const size of shape.toReversed()) {
    index.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return index
}
