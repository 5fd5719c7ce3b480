import type { SavedWindows } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { joins } from '../../contract/sequence.ts'
import { elementCount } from '../../contract/tensor.ts'
import type { HeardWindow, Window } from '../../contract/windows.ts'
import { bytesOf, bytesPerElement, valuesOf } from '../../formats/npy.ts'
import type { ArraySource } from './array-source.ts'
import { arraysCard } from './export-windows.ts'
import { csvOf, mostBytes, npzOf, valueBytes, type CsvLead, type SavedArray, type SaveContext } from './save-bytes.ts'
import { savedName } from './save-tap.ts'
import { piecesOf, windowArrays, type WindowArray } from './window-arrays.ts'

/** The windows of a region, and those of them that have run. */
export interface PartlyHeard {
  windows: readonly Window[]
  heard: readonly HeardWindow[]
}

interface Wanted {
  tap: string
  format: 'npz' | 'csv'
}

/**
 * One tap over all windows of a region that have run, as a file: the arrays that `export` writes, so joined, and as its metadata what
 * made them, the seams and what is missing. Throws `bad-input` for a tap that stays within its window.
 */
export const saveWindows = async (
  source: ArraySource,
  { windows, heard }: PartlyHeard,
  { tap, format }: Wanted,
  { signal, part }: { signal: AbortSignal; part: (share: number) => void },
): Promise<SavedWindows> => {
  const [first] = heard
  if (!first) throw new EngineError('not-found', 'none of this region’s windows has run: run the model first')
  const { run } = first
  const known = run.taps.find((one) => one.tap === tap)
  if (!known) throw new EngineError('not-found', `the run of ${run.model.id} has no ${tap}`)
  if (!joins(known)) throw new EngineError('bad-input', `${tap} stays within its window: save it of one window`)
  const all = windowArrays(heard, tap, {})
  // a table has one array: special tokens have no place in time
  const arrays = format === 'npz' ? all : all.slice(0, 1)
  const count = arrays.reduce((sum, { card }) => sum + elementCount(card.shape), 0)
  if (count * 4 > mostBytes[format])
    throw new EngineError(
      'bad-input',
      `${tap} of ${heard.length} windows has ${count.toLocaleString('en')} values, too many for one ${format.toUpperCase()}: choose a shorter region, or use otoscope export`,
    )
  const missing = windows.flatMap(({ shown }, window) =>
    heard.some(({ index }) => index === window) ? [] : [{ window, shown }],
  )
  const total = valueBytes(arrays)
  const context: SaveContext = { signal, wrote: (bytes) => part(bytes / total) }
  const saved = arrays.map(({ card, blocks }) => ({ card, blocks: blocks(source, signal) }))
  const answer = await (format === 'npz'
    ? npzOf({ ...arraysCard(heard, arrays, windows), missing }, saved, context)
    : tableOf(heard, arrays[0]!, saved[0]!, context))
  const of = missing.length > 0 ? `${heard.length} of ${windows.length} windows` : `${windows.length} windows`
  return {
    name: savedName(run, tap, format, of),
    ...answer,
    windows: windows.length,
    missing: missing.map(({ window }) => window),
  }
}

/** Which window a line is of stands first; a step is counted within its window, and its seconds are the recording's. */
const tableOf = (
  heard: readonly HeardWindow[],
  { card }: WindowArray,
  array: SavedArray,
  context: SaveContext,
): ReturnType<typeof csvOf> => {
  if (card.time === undefined) {
    const lead: CsvLead = {
      names: ['window', 'start (s)', 'end (s)'],
      of: ([row = 0]) => [heard[row]!.index, ...heard[row]!.window.shown],
    }
    return csvOf(array, lead, 0, context)
  }
  const pieces = piecesOf(heard, card.time)
  const pieceOf = pieces.flatMap((piece) => Array<typeof piece>(piece.count).fill(piece))
  // [mel, frame]: a line is a moment
  const isAcross = card.axes[0] === 'mel'
  const axes = isAcross ? card.axes.toReversed() : card.axes
  const lead: CsvLead = {
    names: ['window', ...(axes.length === 1 ? axes : axes.slice(0, -1)), 'seconds'],
    of: (index) => {
      const step = index.at(-1)!
      const { window, at, from, start, step: seconds } = pieceOf[step]!
      return [window, ...index.slice(0, -1), from + step - at, start + (step - at) * seconds]
    },
  }
  return csvOf(isAcross ? turned(array) : array, lead, 0, context)
}

/** [row, column] as [column, row]: all of it is in memory, which a table's limit allows. */
const turned = ({ card, blocks }: SavedArray): SavedArray => ({
  card: { ...card, shape: card.shape.toReversed(), axes: card.axes.toReversed() },
  blocks: (async function* () {
    const [rows = 0, columns = 0] = card.shape
    const all = new Float32Array(rows * columns)
    let at = 0
    for await (const block of blocks)
      for (const value of valuesOf('float32', block, 0, block.length / bytesPerElement.float32) as Float32Array) {
        const [row, column] = [Math.floor(at / columns), at % columns]
        all[column * rows + row] = value
        at++
      }
    // as it is written: in pieces, so that one may see how far it is
    const step = Math.max(1, Math.floor(2 ** 18 / rows))
    for (let column = 0; column < columns; column += step)
      yield bytesOf(all.slice(column * rows, Math.min(columns, column + step) * rows))
  })(),
})
