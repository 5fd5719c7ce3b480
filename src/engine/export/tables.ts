import { stepCount, timeOf } from '../../contract/grid.ts'
import type { Inspection } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import type { HeardWindow } from '../../contract/windows.ts'
import type { Words } from '../../contract/words.ts'
import type { CsvField } from '../../formats/csv.ts'
import { joinedOf } from './export-windows.ts'
import { saidRows } from './said.ts'

/** The tables of a report: what the models are, what goes in, what comes out, what was said when. */
export interface Table {
  name: 'models' | 'inputs' | 'hidden-states' | 'text'
  title: string
  header: string[]
  rows: CsvField[][]
}

export const reportTables = (
  inspections: readonly Inspection[],
  rows: readonly HeardWindow[][][],
  words: ReadonlyMap<string, Words>,
): Table[] => {
  const regions = rows.flat()
  const runs = regions.flat().map(({ run }) => run)
  const numbered = (table: Table): Table =>
    regions.some(({ length }) => length > 1) ? withWindows(table, regions) : table
  return [
    modelsTable(inspections),
    numbered(inputsTable(runs)),
    numbered(hiddenStatesTable(runs)),
    textTable(regions, words),
  ]
}

/** A row per run says which window of its region it is, from 0 on. */
const withWindows = (table: Table, regions: readonly HeardWindow[][]): Table => {
  const numbers = regions.flatMap((windows) => windows.map((_, i) => i))
  return { ...table, header: [...table.header, 'window'], rows: table.rows.map((row, i) => [...row, numbers[i]!]) }
}

const modelsTable = (inspections: readonly Inspection[]): Table => ({
  name: 'models',
  title: 'Models',
  header: [
    'model',
    'family',
    'type',
    'untrained',
    'parameters',
    'encoder parameters',
    'decoder parameters',
    'head parameters',
    'layers',
    'heads',
    'width',
    'decoder layers',
    'decoder heads',
    'decoder width',
    'vocabulary',
  ],
  rows: inspections.map(({ id, family, type, untrained, parameters, encoder, decoder, vocabulary }) => [
    id,
    family,
    type,
    untrained ? 'yes' : 'no',
    parameters.total,
    parameters.encoder,
    parameters.decoder,
    parameters.head,
    encoder.layers,
    encoder.heads,
    encoder.width,
    decoder?.layers ?? null,
    decoder?.heads ?? null,
    decoder?.width ?? null,
    vocabulary,
  ]),
})

/** As Python prints the shape of a batch of one: (1, 80, 3000). */
const batchShape = (shape: readonly number[]): string => `(${[1, ...shape].join(', ')})`

const tapShape = (run: Run, tap: string): string => {
  const card = run.taps.find((each) => each.tap === tap)
  return card ? batchShape(card.shape) : ''
}

const inputsTable = (runs: readonly Run[]): Table => ({
  name: 'inputs',
  title: 'Model inputs',
  header: ['recording', 'model', 'region start (s)', 'region end (s)', 'samples at 16 kHz', 'input shape'],
  rows: runs.map((run) => [
    run.recording.name,
    run.model.id,
    run.region[0],
    run.region[1],
    run.samples,
    tapShape(run, 'features'),
  ]),
})

const hiddenStatesTable = (runs: readonly Run[]): Table => ({
  name: 'hidden-states',
  title: 'Last hidden states',
  header: ['recording', 'model', 'tap', 'output shape', 'steps', 'moments', 'moments on audio', 'ms per step'],
  rows: runs.map((run) => {
    const time = timeOf(run.grids.encoder)
    const tap = `encoder.hidden.${run.encoder.layers}`
    const milliseconds = Number((time.step * 1000).toFixed(3))
    const { name } = run.recording
    return [
      name,
      run.model.id,
      tap,
      tapShape(run, tap),
      stepCount(run.grids.encoder),
      time.count,
      time.valid,
      milliseconds,
    ]
  }),
})

/** What each region's windows say, joined; labels of one window without times, as they are of all of it. `words` by the run's id, where there are any. */
const textTable = (regions: readonly HeardWindow[][], words: ReadonlyMap<string, Words>): Table => ({
  name: 'text',
  title: 'What was said, and the first labels',
  header: ['recording', 'model', 'kind', 'text', 'start (s)', 'end (s)', 'probability'],
  rows: regions.flatMap((heard) => {
    const { recording, model } = heard[0]!.run
    return saidRows(joinedOf({ heard, words })).map(([, kind, text, start, end, probability]) => {
      const isOfAll = heard.length === 1 && (kind === 'label' || kind === 'text')
      const times = isOfAll ? [null, null] : [start ?? null, end ?? null]
      return [recording.name, model.id, kind ?? null, text ?? null, ...times, probability ?? null]
    })
  }),
})
