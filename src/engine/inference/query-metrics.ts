import { setImmediate } from 'node:timers/promises'
import type { HeadMetrics } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap, type TapName } from '../../contract/tap.ts'
import { headMeter, type Sequence } from '../analysis/head-metrics.ts'
import type { Kernel } from './kernel.ts'
import { eachBlock, type MapAxes } from './query-map.ts'
import type { Operands } from './query-site.ts'

type Kind = 'encoder' | 'decoder' | 'cross'

export interface LayerMetrics {
  heads: HeadMetrics[]
  bytes: number
}

/** The attention taps of one kind that a run has, first layer first. Throws `not-found` where it has none. */
export const layersOf = (run: Run, kind: Kind): { layer: number; tap: TapName }[] => {
  const found = run.taps.flatMap(({ tap }) => {
    const parsed = parseTap(tap)
    if (parsed?.kind !== 'attention' && parsed?.kind !== 'cross') return []
    return (parsed.kind === 'cross' ? 'cross' : parsed.side) === kind ? [{ layer: parsed.layer, tap }] : []
  })
  if (found.length === 0)
    throw new EngineError('not-found', `${run.model.id} has no ${kind === 'cross' ? 'cross-' : `${kind} `}attention`)
  return found
}

/** The numbers of every head of a layer, from blocks of rows that are let go again. */
export const layerMetrics = async (opened: {
  operands: Operands
  kernel: Kernel
  axes: MapAxes
}): Promise<LayerMetrics> => {
  const { operands, kernel, axes } = opened
  const sequence = sequenceOf(axes)
  const heads: HeadMetrics[] = []
  for (let head = 0; head < operands.heads; head++) {
    const meter = headMeter(sequence)
    await eachBlock(kernel, operands, head, countingRows(operands, axes), (weights, row) => meter.add(weights, row))
    heads.push(meter.result())
    // weights that are at hand need no kernel: others are heard between heads all the same
    await setImmediate()
  }
  return { heads, bytes: heads.length * Object.keys(heads[0] ?? {}).length * 8 }
}

/** Rows from the first to the last on audio: rows of padding between them (patches lie band by band) are passed over later. */
const countingRows = ({ queries }: Operands, { queryGrid, patches }: MapAxes): [number, number] =>
  queryGrid && !patches ? [0, Math.max(1, queryGrid.valid)] : [0, queries]

const sequenceOf = ({ queryGrid, keyGrid, keyCount, patches }: MapAxes): Sequence => {
  const special = patches?.special ?? 0
  const keys = special + keyCount * (patches?.bands ?? 1)
  return {
    steps: Int32Array.from({ length: keys }, (_, key) => (key < special ? -1 : (key - special) % keyCount)),
    audible: keyGrid ? Math.max(1, keyGrid.valid) : keyCount,
    // tokens look at tokens, steps at steps
    self: (queryGrid === null) === (keyGrid === null),
    stepSeconds: keyGrid?.step ?? null,
    special: special > 0,
  }
}
