import { join } from 'node:path'
import type { AttentionProgress } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Heads } from '../../contract/heads.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap, printTap, type Tap } from '../../contract/tap.ts'
import type { WeightKind } from '../../contract/weights.ts'
import { openWorkFolder, type WorkFolder } from '../work-folder.ts'
import { runGone } from '../store/run-gone.ts'
import type { Store } from '../store/store.ts'
import { createKernel, type Kernel } from './kernel.ts'
import { createCache } from './query-cache.ts'
import { alignedRows, alignmentOf, type Place } from './query-heads.ts'
import { mapAxes, type MapAxes } from './query-map.ts'
import { loadOperands, siteOf, type Operands } from './query-site.ts'
import { createRollouts } from './rollouts.ts'
import { createRowProducts } from './row-products.ts'
import { loadValues, type ValuedSite } from './value-site.ts'
import { rawRows, valueRows, type WeightRows } from './weight-rows.ts'

/** Queries and keys kept in memory: some 30 layers of a 30 s clip. */
const cacheBytes = 256e6
const valuesBytes = 128e6

export interface Subject extends Place {
  run: string
  tap: string
}

/** A site with its queries and keys at hand. */
export interface OpenedSite {
  operands: Operands
  kernel: Kernel
  axes: MapAxes
}

/** What an answer is made of: rows of weights, or of what is made of them, and how the map counts them. */
export interface OpenedRows {
  rows: WeightRows
  axes: MapAxes
}

interface Asker {
  signal: AbortSignal
  part: (progress: AttentionProgress) => void
}

/** Opens attention sites of stored runs; what a site needs is kept for the next question. */
export const createSites = (store: () => Store, threads: number) => {
  const cache = createCache<Operands>(cacheBytes)
  const valued = createCache<ValuedSite>(valuesBytes)
  const rollouts = createRollouts(threads)
  const kernel = once(() => createKernel(threads))
  const products = once(() => createRowProducts(threads))
  let work: WorkFolder | undefined

  const runOf = (id: string): Run => {
    const run = store().findRun(id)
    if (!run) throw runGone(id)
    return run
  }
  const workFolder = (): string => (work ??= openWorkFolder(join(store().folder, 'work'))).path
  const find = ({ run, ...subject }: Subject) => siteOf(store(), { run: runOf(run), ...subject })

  const operandsOf = (subject: Subject): Promise<Operands> =>
    cache.of(`${subject.run} ${subject.tap}`, () => loadOperands(find(subject), { workFolder: workFolder(), threads }))
  const valuesOf = (subject: Subject): Promise<ValuedSite> =>
    valued.of(`${subject.run} ${subject.tap}`, async () => {
      const tools = {
        workFolder: workFolder(),
        threads,
        kernel: await kernel.get(),
        products: (await products.get()).of,
      }
      return loadValues(find(subject), tools)
    })
  const axesOf = (subject: Subject, counts: Pick<Operands, 'queries' | 'keys'>): MapAxes => {
    const { encoder } = runOf(subject.run).grids
    const kind = parseTap(subject.tap)
    const inDecoder = kind?.kind === 'cross' || (kind?.kind === 'attention' && kind.side === 'decoder')
    return mapAxes(counts, inDecoder ? null : encoder, inDecoder && kind.kind !== 'cross' ? null : encoder)
  }

  const rolloutOf = async (subject: Subject, asker: Asker): Promise<WeightRows> => {
    const tap = parseTap(subject.tap)
    if (tap?.kind !== 'attention') throw noRollout(tap)
    const at = (layer: number): Subject => ({ ...subject, tap: printTap({ ...tap, layer }) })
    // a layer that is not there is said at once, and not after all those below it
    find(subject)
    const rowsOf = async (layer: number) => rawRows(await kernel.get(), await operandsOf(at(layer)))
    const weights = await rollouts.of({ stack: `${subject.run} ${tap.side}`, layer: tap.layer, rowsOf }, asker)
    const steps = Math.round(Math.sqrt(weights.length))
    const operands: Operands = { kind: 'weights', heads: 1, queries: steps, keys: steps, weights, bytes: 0 }
    return rawRows(await kernel.get(), operands)
  }

  return {
    runOf,
    site: async (subject: Subject): Promise<OpenedSite> => {
      const operands = await operandsOf(subject)
      return { operands, kernel: await kernel.get(), axes: axesOf(subject, operands) }
    },
    rows: async (subject: Subject & { heads: Heads }, kind: WeightKind, asker: Asker): Promise<OpenedRows> => {
      const open = async (from: Subject): Promise<WeightRows> => {
        if (kind === 'rollout') return rolloutOf(from, asker)
        if (kind === 'values') return valueRows(await kernel.get(), await valuesOf(from))
        return rawRows(await kernel.get(), await operandsOf(from))
      }
      const aligned = (): Promise<WeightRows> => {
        const tap = parseTap(subject.tap)
        if (tap?.kind === 'cross')
          return alignedRows(alignmentOf(subject).heads, (layer) =>
            open({ ...subject, tap: printTap({ ...tap, layer }) }),
          )
        throw new EngineError('bad-input', `${subject.tap} has no alignment heads: they are heads of cross-attention`)
      }
      const rows = await (subject.heads === 'alignment' ? aligned() : open(subject))
      return { rows, axes: axesOf(subject, rows) }
    },
    close: (): void => {
      cache.clear()
      valued.clear()
      rollouts.close()
      kernel.close()
      products.close()
      work?.[Symbol.dispose]()
    },
  }
}

const noRollout = (tap: Tap | undefined | null): EngineError =>
  new EngineError(
    'bad-input',
    tap?.kind === 'cross'
      ? 'a rollout follows self-attention from layer to layer, and cross-attention looks elsewhere: choose raw or value-weighted'
      : 'a rollout is of attention: ask for encoder.attention.0, say',
  )

/** Made when it is first wanted; one that failed is not kept: the next question tries again. */
const once = <T extends Disposable>(make: () => Promise<T>) => {
  let made: Promise<T> | undefined
  return {
    get: (): Promise<T> =>
      (made ??= make().catch((error: unknown) => {
        made = undefined
        throw error
      })),
    close: (): void => void made?.then((opened) => opened[Symbol.dispose]()).catch(() => {}),
  }
}
