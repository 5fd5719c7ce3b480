import { expect, test } from 'vitest'
import type { RegionRow } from '../../../src/contract/regions.ts'
import {
  readRegionFile,
  regionFileName,
  writeRegionFile,
  type RegionFormat,
} from '../../../src/formats/regions/file.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (text: string, name = 'list.txt') => readRegionFile(name, bytes(text))
const utf16 = (text: string, little: boolean): Uint8Array => {
  const codes = Array.from(`\uFEFF${text}`, (c) => c.charCodeAt(0))
  return Uint8Array.from(codes.flatMap((code) => (little ? [code & 255, code >> 8] : [code >> 8, code & 255])))
}
const row = (start: number, end: number, name: string, others: Partial<RegionRow> = {}): RegionRow => ({
  ...{ start, end, name, low: null, high: null, more: [] },
  ...others,
})
const of = { name: 'x.wav', seconds: 60, rate: 44_100 }

/** as Raven Pro writes it, with measurements of its own */
const raven = [
  'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tDelta Time (s)\tAnnotation',
  '1\tSpectrogram 1\t1\t0.590000000\t1.210500000\t1200.0\t3400.5\t0.6205\twren, far',
  '2\tSpectrogram 1\t2\t3.000000000\t3.250000000\t0.0\t22050.0\t0.2500\t🐦 <b>robin</b>',
  '',
].join('\n')
/** as Audacity 3 writes it: a region, one with frequencies, a mark */
const audacity =
  '0.500000\t1.250000\twren\n2.000000\t2.500000\tso high\n\\\t-1.000000\t6334.588867\n3.123457\t3.123457\tbang\n'
const long = `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 60
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "regions"
        xmin = 0
        xmax = 60
        intervals: size = 4
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 1.25
            text = "she said ""wren"""
        intervals [3]:
            xmin = 1.25
            xmax = 2
            text = "two"
        intervals [4]:
            xmin = 2
            xmax = 60
            text = ""
`
const short = `File type = "ooTextFile"
Object class = "TextGrid"

0
2.3
<exists>
2
"IntervalTier"
"words"
0
2.3
2
0
1.5
""
1.5
2.3
"hello"
"TextTier"
"bell"
0
2.3
1
0.7
"ding"
`
const csv = 'start,end,name\r\n0.5,1.25,wren\r\n2,2.5,"a, ""b"""\r\n3,3.001,\'=1+1\r\n'

test.each<[RegionFormat, string]>([
  ['raven', raven],
  ['audacity', audacity],
  ['textgrid', long],
  ['csv', csv],
])('a file of %s is read, and written as it was', (format, text) => {
  const { rows, problems, format: found } = read(text)
  expect(found).toBe(format)
  expect(problems).toEqual([])
  expect(writeRegionFile(format, rows, of)).toBe(text)
})

test('each format says where, when and what', () => {
  expect(read(raven).rows).toEqual([
    row(0.59, 1.2105, 'wren, far', {
      low: 1200,
      high: 3400.5,
      more: [
        ['Selection', '1'],
        ['View', 'Spectrogram 1'],
        ['Channel', '1'],
        ['Delta Time (s)', '0.6205'],
      ],
    }),
    expect.objectContaining({ start: 3, end: 3.25, name: '🐦 <b>robin</b>', low: 0, high: 22050 }) as RegionRow,
  ])
  expect(read(audacity).rows).toEqual([
    row(0.5, 1.25, 'wren'),
    row(2, 2.5, 'so high', { high: 6334.588867 }),
    row(3.123457, 3.123457, 'bang'),
  ])
  expect(read(short).rows).toEqual([
    row(1.5, 2.3, 'hello', { more: [['Tier', 'words']] }),
    row(0.7, 0.7, 'ding', { more: [['Tier', 'bell']] }),
  ])
  expect(read(csv).rows.map(({ name }) => name)).toEqual(['wren', 'a, "b"', '=1+1'])
})

test('a TextGrid with comments and units is read as Praat reads it', () => {
  const noisy =
    '"ooTextFile" "TextGrid" ! made by hand "no"\n0s 1s <exists> 1 tier\n"IntervalTier" "x" from 0s to 1s 1 interval [7] 0s 1s "all"'
  expect(read(noisy, 'x.TextGrid').rows).toEqual([row(0, 1, 'all')])
})

test('line ends, byte order marks and encodings of any system are read', () => {
  const crlf = audacity.replaceAll('\n', '\r\n')
  expect(read(crlf).rows).toEqual(read(audacity).rows)
  expect(read(`\uFEFF${csv}`).rows).toEqual(read(csv).rows)
  expect(read(raven.replaceAll('\n', '\r')).rows).toEqual(read(raven).rows)
  for (const little of [true, false])
    expect(readRegionFile('x.TextGrid', utf16(long.replaceAll('\n', '\r\n'), little)).rows).toEqual(read(long).rows)
  // as old Windows programs write it
  const latin = Uint8Array.from('0.5\t1\tM\xf6we\n', (c) => c.charCodeAt(0))
  expect(readRegionFile('labels.txt', latin).rows).toEqual([row(0.5, 1, 'Möwe')])
})

test('what cannot be read is said row by row, and the rest is taken', () => {
  const found = read(
    '1,5\t2\tcomma\n-1\t2\tearly\n5\t4\tbackwards\nx\t2\tword\n6\t7\tgood\n8\n1e999\t2\thuge\nNaN\t1\tnone',
  )
  expect(found.rows).toEqual([row(6, 7, 'good')])
  expect(found.problems).toEqual([
    'line 1: its start has a decimal comma (1,5); write 1.5',
    'line 2: it starts at -1 s, before the recording',
    'line 3: it ends at 4 s, before it starts at 5 s',
    'line 4: its start is no number: x',
    'line 6: has no end',
    'line 7: its start is no number: 1e999',
    'line 8: its start is no number: NaN',
  ])
  const table = read('start;end;name\n0,5;1,5;a\n1;2;b\n', 'x.csv')
  expect(table.rows).toEqual([row(1, 2, 'b')])
  expect(table.problems).toEqual(['line 2: its start has a decimal comma (0,5); write 0.5'])
  expect(read(long.replace('xmax = 1.25', 'xmax = 1,25')).problems).toEqual([
    'interval 2 of tier regions: its end has a decimal comma (1,25); write 1.25',
  ])
})

test('a file that is cut off gives what it has', () => {
  const cut = read(short.slice(0, short.indexOf('"ding"')))
  expect(cut.rows).toEqual([row(1.5, 2.3, 'hello', { more: [['Tier', 'words']] })])
  expect(cut.problems).toEqual(['the TextGrid ends before all of its tiers are there'])
})

test('a missing column, a binary file and what is no list of regions are each one sentence', () => {
  expect(() => read('Selection\tBegin Time (s)\tLow Freq (Hz)\n1\t2\t3\n')).toThrow(
    'list.txt cannot be read: the table has no column end time (s); it has Selection, Begin Time (s), Low Freq (Hz)',
  )
  expect(() => readRegionFile('x.txt', Uint8Array.of(82, 73, 70, 70, 0, 1, 0, 0, 0))).toThrow('this is no text file')
  expect(() => read('')).toThrow('it is empty')
  expect(() => read('dear diary')).toThrow('it is no Raven table')
  expect(() => read('ooBinaryFile\x08TextGrid')).toThrow('save it as a text file in Praat')
  expect(() => read('File type = "ooTextFile"\nObject class = "Pitch 1"\n')).toThrow('this is no TextGrid')
})

test('a list in a channel of a recording is in that channel for Raven too, where it does not say another', () => {
  const rows = [row(1, 2, 'here'), row(3, 4, 'there', { more: [['Channel', '1']] })]
  const text = writeRegionFile('raven', rows, { ...of, channel: { number: 1, of: 2 } })
  expect(read(text).rows.map(({ more }) => more.find(([column]) => column === 'Channel')?.[1])).toEqual(['2', '1'])
})

/** as BirdNET-Analyzer writes them */
const birdNet = [
  'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tCommon Name\tSpecies Code\tConfidence\tBegin Path\tFile Offset (s)',
  '1\tSpectrogram 1\t1\t3\t6\t0\t15000\tEurasian Wren\twinwre4\t0.9321\t/data/x.wav\t3',
  '',
].join('\n')
const birdNetCsv =
  'Start (s),End (s),Scientific name,Common name,Confidence\n3.0,6.0,Troglodytes troglodytes,Eurasian Wren,0.9321\n'

test('what BirdNET heard is named by its common name, and the rest is kept', () => {
  const [table] = read(birdNet).rows
  expect(table).toMatchObject({ start: 3, end: 6, name: 'Eurasian Wren', low: 0, high: 15_000 })
  expect(table!.more.slice(3, 6)).toEqual([
    ['Species Code', 'winwre4'],
    ['Confidence', '0.9321'],
    ['Begin Path', '/data/x.wav'],
  ])
  expect(read(birdNetCsv, 'x.BirdNET.results.csv').rows).toEqual([
    row(3, 6, 'Eurasian Wren', {
      more: [
        ['Scientific name', 'Troglodytes troglodytes'],
        ['Confidence', '0.9321'],
      ],
    }),
  ])
  expect(read('start,end,common name,name\n1,2,wren,mine\n').rows[0]!.name).toBe('mine')
})

test.each(['Start Time,End Time,Label', 'start time (s),END TIME (S),label', 'Start Time (s)\tEnd Time (s)\tLabel'])(
  'a CSV may be headed %s',
  (header) => {
    const separator = header.includes('\t') ? '\t' : ','
    const found = read(`${header}\n${['0.5', '1', 'wren'].join(separator)}\n`)
    expect(found).toMatchObject({ format: 'csv', rows: [row(0.5, 1, 'wren')], problems: [] })
  },
)

test('the second view of a Raven selection is not a second region', () => {
  const [head, one] = raven.split('\n')
  const both = read([head, one!.replace('Spectrogram', 'Waveform'), one, ''].join('\n'))
  expect(both.rows).toHaveLength(1)
  expect(both.notes).toEqual(['1 row is a second view of a selection that is there already'])
})

test('regions that overlap and marks get tiers of their own, and names keep to one line', () => {
  const rows = [row(1, 3, 'a'), row(2, 4, 'b\n"c"'), row(3, 5, ''), row(6, 6, 'mark')]
  const text = writeRegionFile('textgrid', rows, of)
  const back = read(text)
  expect(back.problems).toEqual([])
  expect(back.rows.map(({ start, end, name, more }) => [start, end, name, more[0]?.[1]])).toEqual([
    [1, 3, 'a', 'regions'],
    [3, 5, 'region', 'regions'],
    [2, 4, 'b "c"', 'regions 2'],
    [6, 6, 'mark', 'marks'],
  ])
  expect(read(writeRegionFile('audacity', rows, of)).rows.map(({ name }) => name)).toEqual(['a', 'b "c"', '', 'mark'])
  expect(writeRegionFile('raven', rows, of).split('\n')[1]).toBe(
    '1\tSpectrogram 1\t1\t1.000000000\t3.000000000\t0.0\t22050.0\ta',
  )
  expect(read(writeRegionFile('textgrid', [], of)).rows).toEqual([])
})

test('a hundred thousand rows keep their times in every format', () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => row(i / 7, i / 7 + 0.05, `call ${i}`))
  for (const format of ['raven', 'audacity', 'textgrid', 'csv'] as const) {
    const back = read(writeRegionFile(format, rows, { ...of, seconds: 20_000, rate: 192_000 })).rows
    expect(back).toHaveLength(rows.length)
    const farthest = back.reduce((most, one, i) => Math.max(most, Math.abs(one.start - rows[i]!.start)), 0)
    expect(farthest).toBeLessThan(1e-6)
  }
})

test('a file is named for its recording', () => {
  expect(regionFileName('a b 🎧.flac', 'textgrid')).toBe('a b 🎧.TextGrid')
  expect(regionFileName('thunder.wav', 'raven')).toBe('thunder.selections.txt')
})
