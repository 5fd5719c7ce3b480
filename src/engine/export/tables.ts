import { stepCount, timeOf } from '../../contract/grid.ts'
import type { Inspection } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import type { Words } from '../../contract/words.ts'
import type { CsvField } from '../../formats/csv.ts'

/** The tables of a report: what the models are, what goes in, what comes out, what was said when. */
export interface Table {
  name: 'models' | 'inputs' | 'hidden-states' | 'text'
  title: string
  header: string[]
  rows: CsvField[][]
}

export const reportTables = (
  inspections: readonly Inspection[],
  rows: readonly Run[][],
  words: ReadonlyMap<string, Words>,
): Table[] => {
  const runs = rows.flat()
  return [modelsTable(inspections), inputsTable(runs), hiddenStatesTable(runs), textTable(runs, words)]
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

/** AudioSet has 527. */
const mostLabels = 20

/** Words or characters with their seconds, a text without times whole, the first labels by score. `words` by the run's id, where there are any. */
const textTable = (runs: readonly Run[], words: ReadonlyMap<string, Words>): Table => ({
  name: 'text',
  title: 'What was said, and the first labels',
  header: ['recording', 'model', 'kind', 'text', 'start (s)', 'end (s)', 'probability'],
  rows: runs.flatMap((run) => spoken(run, words.get(run.id)).map((row) => [run.recording.name, run.model.id, ...row])),
})

const spoken = ({ result }: Run, words: Words | undefined): CsvField[][] => {
  const timed = (kind: string, one: { text: string; start: number; end: number; probability: number | null }) => [
    kind,
    one.text,
    milliseconds(one.start),
    milliseconds(one.end),
    one.probability,
  ]
  if (words) return words.words.map((word) => timed('word', word))
  if (result.characters) return result.characters.map((one) => timed('character', one))
  if (result.labels)
    return result.labels.items.slice(0, mostLabels).map(({ label, score }) => ['label', label, null, null, score])
  return result.text === null ? [] : [['text', result.text, null, null, null]]
}

const milliseconds = (seconds: number): number => Number(seconds.toFixed(3))
