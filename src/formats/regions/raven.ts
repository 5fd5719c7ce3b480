import type { Recording } from '../../contract/recording.ts'
import type { RegionRow } from '../../contract/regions.ts'
import { linesOf, oneLine, type ReadRegions } from './row.ts'
import { keptCell, keptColumns, readTable } from './table.ts'

/**
 * Selection tables of Raven: tab separated with a header, times in seconds, frequencies in Hz. Raven writes one row for each view of a
 * selection; the second says the same once more.
 */

const own = ['Selection', 'View', 'Channel']

export const readRaven = (text: string): ReadRegions => {
  const lines = linesOf(text).map((line, i) => ({ line: i + 1, cells: line.split('\t') }))
  const filled = lines.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  const read = readTable(filled[0]?.cells ?? [], filled.slice(1), {
    start: ['begin time (s)'],
    end: ['end time (s)'],
    // BirdNET names the species alone
    name: ['annotation', 'label', 'name', 'common name'],
    low: ['low freq (hz)'],
    high: ['high freq (hz)'],
  })
  const seen = new Map<string, string>()
  const rows = read.rows.filter((row) => {
    const [selection, view] = [keptCell(row, 'Selection'), keptCell(row, 'View')]
    if (selection === '' || view === '') return true
    const key = [selection, keptCell(row, 'Channel'), row.start, row.end].join('\t')
    const first = seen.get(key)
    if (first !== undefined && first !== view) return false
    seen.set(key, view)
    return true
  })
  const again = read.rows.length - rows.length
  const note = `${again} ${again === 1 ? 'row is' : 'rows are'} a second view of a selection that is there already`
  return { ...read, rows, notes: again > 0 ? [note] : [] }
}

/** `rate` in Hz of the recording: what has no frequencies has all there are. A region is in the channel that the recording is, unless it has one. */
export const writeRaven = (
  rows: readonly RegionRow[],
  { rate, channel }: Pick<Recording, 'rate' | 'channel'>,
): string => {
  const others = keptColumns(rows, own)
  const header = [...own, 'Begin Time (s)', 'End Time (s)', 'Low Freq (Hz)', 'High Freq (Hz)', ...others, 'Annotation']
  let number = rows.reduce((most, row) => Math.max(most, Number(keptCell(row, 'Selection')) || 0), 0)
  const cellsOf = (row: RegionRow): string[] => [
    keptCell(row, 'Selection') || String(++number),
    keptCell(row, 'View') || 'Spectrogram 1',
    // counted from 1 there
    keptCell(row, 'Channel') || String((channel?.number ?? 0) + 1),
    row.start.toFixed(9),
    row.end.toFixed(9),
    hertz(row.low ?? 0),
    hertz(row.high ?? rate / 2),
    ...others.map((column) => keptCell(row, column)),
    row.name,
  ]
  return [header, ...rows.map(cellsOf)].map((cells) => cells.map(oneLine).join('\t') + '\n').join('')
}

const hertz = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(Number(value.toFixed(6))))
