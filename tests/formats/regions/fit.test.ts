import { expect, test } from 'vitest'
import type { RegionRow } from '../../../src/contract/regions.ts'
import {
  readRegionFile,
  regionFormats,
  writeRegionFile,
  type RegionFormat,
  type RegionsOf,
} from '../../../src/formats/regions/file.ts'
import { fitRows } from '../../../src/formats/regions/fit.ts'

const of: RegionsOf = { name: 'x.wav', seconds: 10, rate: 44_100 }
const row = (start: number, end: number, name: string, others: Partial<RegionRow> = {}): RegionRow => ({
  ...{ start, end, name, low: null, high: null, more: [] },
  ...others,
})
const bring = (text: string, known: readonly RegionRow[] = [], into = of) =>
  fitRows(readRegionFile('list.txt', new TextEncoder().encode(text)), { of: into, known })

/** what each format can say of the same stretch in more than one way, its end past the recording's, and a mark */
const files: Record<RegionFormat, string> = {
  raven: [
    'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tSpecies\tAnnotation',
    '1\tSpectrogram 1\t1\t1\t2\t100\t900\twren\tcall',
    '2\tSpectrogram 1\t1\t1\t2\t2000\t4000\twren\tcall',
    '3\tSpectrogram 1\t1\t1\t2\t2000\t4000\trobin\tcall',
    '4\tSpectrogram 1\t2\t1\t2\t2000\t4000\trobin\tcall',
    '5\tSpectrogram 1\t1\t9\t12\t0\t22050\t\t',
    '6\tSpectrogram 1\t1\t3\t3\t0\t22050\t\tmark',
  ].join('\n'),
  audacity: '1\t2\tcall\n1\t2\tcall\n\\\t100\t900\n1\t2\tcall\n\\\t-1\t900\n9\t12\t\n3\t3\tmark\n',
  textgrid:
    '"ooTextFile" "TextGrid" 0 12 <exists> 3 "IntervalTier" "words" 0 12 3 0 1 "" 1 2 "call" 9 12 "x" "IntervalTier" "phones" 0 12 1 1 2 "call" "TextTier" "marks" 0 12 1 3 "mark"',
  csv: 'start,end,name,low,high,Species\n1,2,call,,,\n1,2,call,100,900,\n1,2,call,100,900,wren\n1,2,call,100,950,wren\n9,12,,,,\n3,3,mark,,,\n',
}
const counts: Record<RegionFormat, number> = { raven: 6, audacity: 5, textgrid: 4, csv: 6 }

test.each(regionFormats)('a file of %s adds all that differs, and nothing when it is brought again', (format) => {
  const first = bring(files[format])
  expect(first.rows).toHaveLength(counts[format])
  const again = bring(files[format], first.rows)
  expect(again.rows).toEqual([])
  expect(again.notes).toEqual([`${counts[format]} are in the list already`])
})

test.each(regionFormats)(
  'what was brought by a file of %s is in the list already when it comes back from any',
  (from) => {
    const list = bring(files[from]).rows
    for (const format of regionFormats) expect(bring(writeRegionFile(format, list, of), list).rows, format).toEqual([])
  },
)

test.each(regionFormats)('a list that was written as %s is found again after it has grown', (format) => {
  // more digits than files have, up to an end that is rounded past the recording's
  const into = { ...of, seconds: 10 - 4e-7, channel: { number: 1, of: 2 } }
  const list = [row(1 / 3, 2 / 3, ''), row(2, 4, 'a\tb', { high: 1000 / 3 }), row(3, into.seconds, '=c')]
  const text = writeRegionFile(format, list, into)
  const grown = [row(0, 3, 'before'), ...list, row(2.5, 5, 'later')]
  expect(bring(text, grown, into).rows).toEqual([])
})

test('a region that says more or other than one in the list is added', () => {
  const known = [
    row(1, 2, 'call', {
      low: 100,
      high: 900,
      more: [
        ['Species', 'wren'],
        ['Sex', 'f'],
      ],
    }),
  ]
  const csv = (line: string) => bring(`start,end,name,low,high,Sex,Species\n${line}\n`, known).rows.length
  expect(csv('1,2,call,100,900,f,wren')).toBe(0)
  expect(csv('1,2,call,100,901,f,wren')).toBe(1)
  expect(csv('1,2,call,,,f,wren')).toBe(1)
  expect(csv('1,2,call,100,900,m,wren')).toBe(1)
  expect(csv('1,2,call,100,900,,wren')).toBe(1)
  // labels can say frequencies, and these have none; a TextGrid never has
  expect(bring('1\t2\tcall\n', known).rows).toHaveLength(1)
  expect(bring('1\t2\tcall\n\\\t100\t900\n', known).rows).toEqual([])
  expect(bring(writeRegionFile('textgrid', [row(1, 2, 'call')], of), known).rows).toEqual([])
})

test('of a Raven table over several files the recording’s own rows count, from its own start on', () => {
  const head = 'Selection\tBegin Time (s)\tEnd Time (s)\tBegin File\tBegin Path\tFile Offset (s)\tAnnotation'
  const table = (...lines: string[]): string => [head, ...lines].join('\n')
  const several = table(
    '1\t2\t3\ta.wav\t\t2\tother',
    '2\t3600.1\t3600.6\tx.wav\t\t0.1\town',
    '3\t3602\t3603\t\tC:\\birds\\x.wav\t2\tby path',
    '4\t3605\t3606\tx.wav\t\t\twithout',
    '5\t4\t5\t\t\t1\tnameless',
  )
  const read = bring(several)
  expect(read.rows.map(({ start, end, name }) => [start, end, name])).toEqual([
    [0.1, 0.6, 'own'],
    [2, 3, 'by path'],
    [4, 5, 'nameless'],
  ])
  expect(read.problems).toEqual(['without at 3605.000 s is left out: the recording ends at 10.000 s'])
  expect(read.notes).toEqual(['1 row is of another file'])
  // moved, it stays where it was moved to
  const moved = [{ ...read.rows[0]!, start: 5, end: 5.5 }]
  expect(bring(writeRegionFile('raven', moved, of)).rows[0]).toMatchObject({ start: 5, end: 5.5 })
  expect(bring(several, read.rows).rows).toEqual([])

  const right = { ...of, name: 'x.wav (right)', channel: { number: 1, of: 2 } }
  expect(bring(several, [], right).rows).toEqual(read.rows)
  // none is the recording's: times are what they are
  const renamed = bring(several, [], { ...of, name: 'y.wav' })
  expect(renamed.rows.map(({ start }) => start)).toEqual([2, 4])
  expect(renamed.notes).toEqual([])
})
