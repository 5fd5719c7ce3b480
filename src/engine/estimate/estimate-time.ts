import type { RunEstimate, TimeEstimate } from '../../contract/estimate.ts'
import type { ProviderId, Run, RunOptions, Verdict } from '../../contract/run.ts'
import type { Model } from '../models/model.ts'
import { graphsOfRun } from './estimate-run.ts'
import { weightBytes } from './graph-facts.ts'
import type { RunShapes } from './run-shapes.ts'
import { workOf } from './work.ts'

/**
 * How long a run takes: what it has to compute, by the speeds of one machine, times how much slower this one is. That is told by
 * earlier runs of the same model here, else by a short trial of the processor. The speeds are those of onnxruntime 1.30 on a core with
 * AVX-512, in its own processor time (docs/measurements.md); only how they stand to one another matters.
 */
const speeds = {
  /** multiply-adds a second of a whole model, and in the trial (inference/trial.ts) */
  products: 31e9,
  trial: 33e9,
  /** bytes a second of the weights read for one token */
  tokenBytes: 12e9,
  /** bytes a second of weights loaded */
  loaded: 0.85e9,
}
/**
 * seconds of what every graph takes to load, and to run the first time; a model to be opened and its front end to be warm; every token to
 * be chosen; every second of sound to be decoded and transformed
 */
const extra = { graph: 0.05, first: 0.09, opened: 0.22, token: 5e-4, run: 0.17, sound: 0.003 }

/** A run, and how long its sequence is. */
interface Subject {
  model: Model
  shapes: RunShapes
  options: RunOptions
}

const loading = ({ model, options }: Subject): number => {
  const graphs = graphsOfRun(model, options)
  return graphs.length * extra.graph + weightBytes(graphs) / speeds.loaded
}

const computing = ({ model, shapes, options }: Subject, tokens: number, isFirst: boolean): number => {
  const { products, tokenBytes } = workOf(model, shapes, tokens)
  const written = options.tokens ? 0 : Math.max(0, tokens - (shapes.tokens?.prompt ?? 0))
  const { features } = shapes.grids
  const heard = extra.run + extra.sound * features.step * features.count
  const first = isFirst ? extra.opened + extra.first * graphsOfRun(model, options).length : 0
  return first + heard + products / speeds.products + written * (tokenBytes / speeds.tokenBytes + extra.token)
}

/** How many times slower than the speeds above; null where nobody knows. */
interface Pace {
  load: number
  compute: number
  from: TimeEstimate['from']
}

/** By runs of the same model, on the same provider and threads; `shapesOf` says what they computed. */
export const paceOfRuns = (runs: readonly Run[], subjectOf: (run: Run) => Subject): Pace | null => {
  const compute = runs.map((run) => {
    const subject = subjectOf(run)
    return (run.seconds - run.loadSeconds) / computing(subject, run.result.tokens?.length ?? 0, run.loadSeconds > 0)
  })
  if (compute.length === 0) return null
  const load = runs.filter(({ loadSeconds }) => loadSeconds > 0).map((run) => run.loadSeconds / loading(subjectOf(run)))
  return { compute: middle(compute), load: load.length > 0 ? middle(load) : middle(compute), from: 'runs' }
}

/** By what the trial found, in multiply-adds a second; on an accelerator as much faster as it was when it was compared with the CPU. */
export const paceOfTrial = (found: number, verdict: Verdict | null): Pace => {
  const cpu = speeds.trial / found
  const compute = verdict ? (cpu * verdict.seconds.provider) / verdict.seconds.cpu : cpu
  return { load: cpu, compute, from: 'trial' }
}

export const estimateTime = (
  subject: Subject,
  tokens: RunEstimate['tokens'],
  { provider, pace, isLoaded }: { provider: ProviderId; pace: Pace; isLoaded: boolean },
): TimeEstimate => {
  const load = isLoaded ? 0 : pace.load * loading(subject)
  const of = (count: number): number => load + pace.compute * computing(subject, count, !isLoaded)
  return { likely: of(tokens?.likely ?? 0), most: of(tokens?.most ?? 0), load, provider, from: pace.from }
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
