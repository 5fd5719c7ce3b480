import type { HearQuery } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { isPatchGrid, timeOf, type PatchGrid, type TimeGrid } from '../../contract/grid.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import type { Processes } from '../parts.ts'
import { unitMass } from '../../signal/gain.ts'

/** The weights of one attention row that lie on audio, scaled to sum to 1: [band, column], one band where they are steps in time. */
export interface RowWeights {
  weights: Float32Array
  bands: number
  /** steps (AST: columns) on audio */
  columns: number
  grid: TimeGrid
}

export interface RowSource {
  queries: Pick<Processes['queries'], 'attentionLine' | 'attentionValues'>
  place: Pick<JobInput, 'modelFolder' | 'modelVariant'>
}

/** Throws `bad-input` where the row's keys have no place in time, where it has no weight on audio, or where `patches` are asked for and there are none. */
export const rowWeights = async (
  source: RowSource,
  run: Run,
  input: HearQuery,
  signal: AbortSignal,
): Promise<RowWeights> => {
  const parsed = parseTap(input.tap)
  if (parsed?.kind !== 'cross' && !(parsed?.kind === 'attention' && parsed.side === 'encoder'))
    throw new EngineError('bad-input', `${input.tap} does not look at sound: its keys have no place in time`)
  const { encoder } = run.grids
  const grid = timeOf(encoder)
  const found =
    input.mask === 'patches'
      ? await patchWeights(source, run, input, signal)
      : { weights: await lineWeights(source, input, grid.valid, signal), bands: 1 }
  const weights = unitMass(found.weights)
  if (!weights.some((weight) => weight > 0))
    throw new EngineError('bad-input', 'this row has no weight on the sound: there is nothing to hear')
  return { weights, bands: found.bands, columns: grid.valid, grid }
}

const lineWeights = async ({ queries, place }: RowSource, input: HearQuery, valid: number, signal: AbortSignal) => {
  const { run, tap, heads, index, weights } = input
  const row = { run, tap, heads, index, weights, audioOnly: false, line: 'row' as const }
  const { values } = await queries.attentionLine({ ...row, ...place }, { signal })
  return values.subarray(0, valid)
}

/** Each patch's weight: the mean over the row's query patches, then the mean (or greatest) over the heads, as in the folded row. */
const patchWeights = async ({ queries, place }: RowSource, run: Run, input: HearQuery, signal: AbortSignal) => {
  const { encoder } = run.grids
  if (!isPatchGrid(encoder))
    throw new EngineError('bad-input', `${run.model.id} has no patches: its steps are of time alone`)
  const { index, tap, heads } = input
  if (input.weights !== 'raw' || heads === 'alignment')
    throw new EngineError('bad-input', 'patches are heard by raw weights of one layer: choose those, or a mask in time')
  if (index >= encoder.time.count)
    throw new EngineError('bad-input', `there is no row ${index}: it has ${encoder.time.count}, counted from 0`)
  const list = typeof heads === 'string' ? {} : { heads }
  let sum: Float32Array | undefined
  for (let band = 0; band < encoder.bands; band++) {
    const row = encoder.special + band * encoder.time.count + index
    const rows: [number, number] = [row, row + 1]
    // [head, 1, token]
    const { data } = await queries.attentionValues({ run: run.id, tap, ...list, queries: rows, ...place }, { signal })
    sum = sum ? sum.map((value, i) => value + data[i]!) : data
  }
  const tokens = encoder.special + encoder.bands * encoder.time.count
  return { weights: patchesOnAudio(overHeads(sum!, tokens, heads === 'max'), encoder), bands: encoder.bands }
}

const overHeads = (rows: Float32Array, tokens: number, most: boolean): Float32Array => {
  const one = rows.slice(0, tokens)
  for (let i = tokens; i < rows.length; i++) {
    const to = i % tokens
    one[to] = most ? Math.max(one[to]!, rows[i]!) : one[to]! + rows[i]!
  }
  return one
}

/** [band, column on audio] of a row of tokens. */
const patchesOnAudio = (tokens: Float32Array, { special, bands, time }: PatchGrid): Float32Array =>
  Float32Array.from({ length: bands * time.valid }, (_, i) => {
    const [band, column] = [Math.floor(i / time.valid), i % time.valid]
    return tokens[special + band * time.count + column]!
  })
