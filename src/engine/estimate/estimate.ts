import { EngineError } from '../../contract/errors.ts'
import type { CacheEstimate, Fitting, RunEstimate, TimeEstimate } from '../../contract/estimate.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { ProviderId, Run } from '../../contract/run.ts'
import { clipRange } from '../audio/clip.ts'
import { isFaster } from '../devices/verdict.ts'
import { modelRate } from '../models/families/config-number.ts'
import type { Model } from '../models/model.ts'
import { openModel } from '../models/open.ts'
import { onnxruntimeVersion } from '../paths.ts'
import type { EngineParts } from '../parts.ts'
import type { RunPlan } from '../run-plan.ts'
import { estimateCache } from './estimate-cache.ts'
import { estimateMemory, makeRoom, needOfRun } from './estimate-memory.ts'
import { estimateTime, paceOfRuns, paceOfTrial } from './estimate-time.ts'
import { runShapes, type RunShapes } from './run-shapes.ts'
import { fittingText, whatFits } from './what-fits.ts'

type Parts = Pick<EngineParts, 'settings' | 'processes' | 'store'>
type Plan = Pick<RunPlan, 'job' | 'card'>

/** as many earlier runs of a model as are asked how long they took */
const asked = 5

/** 150 words a minute, and one and a half tokens for each of them and the spaces and stops about it */
const tokensPerSecond = 4

interface Known {
  model: Model
  shapes: RunShapes
  /** earlier runs of this model, newest first */
  runs: readonly Run[]
  tokens: RunEstimate['tokens']
  cache: CacheEstimate
}

const know = ({ store, settings }: Parts, plan: Plan): Known => {
  const { job } = plan
  const model = openModel(job.modelFolder, job.modelVariant)
  const rate = modelRate(model.preprocessor)
  const [start, end] = clipRange(job.opened, job.region, rate)
  const shapes = runShapes(model, end - start, job.options)
  const runs = store.runsOfModel(job.modelHash, asked)
  const tokens = tokensOf(model, shapes, runs, (end - start) / rate)
  return { model, shapes, runs, tokens, cache: estimateCache(plan.card, shapes, tokens, settings.effective.cacheLimit) }
}

/** What a run would take of memory, cache and time. The model is not loaded for it; the processor may be tried. */
export const estimate = async (parts: Parts, plan: Plan): Promise<RunEstimate> => {
  const memory = await estimateMemory(parts, needOfRun(plan))
  const known = know(parts, plan)
  const { cache, tokens } = known
  const sentence = memory.refused || cache.refused
  const fitting = sentence ? fittingOf(parts, plan, known, memory.limit) : { seconds: null, tokens: null }
  const refused = sentence + fittingText(fitting)
  const time = refused ? null : await timeOf(parts, plan, known)
  return { ...memory, fits: refused === '', refused, fitting, cache, time, tokens }
}

const fittingOf = (parts: Parts, plan: Plan, { tokens }: Known, limit: number): Fitting =>
  whatFits(
    plan,
    tokens?.most ?? 0,
    (other) => needOfRun(other).memory(other.card.variant).total <= limit && !know(parts, other).cache.refused,
  )

/** What the job process must know. Throws `no-memory` where a run does not fit, `no-space` where the cache cannot hold its results. */
export const admitRun = async (parts: Parts, plan: Plan): Promise<JobInput['memory']> => {
  const memory = await estimateMemory(parts, needOfRun(plan))
  const known = know(parts, plan)
  const { likely, limit, refused } = known.cache
  if (memory.refused || refused) {
    const sentence = (memory.refused || refused) + fittingText(fittingOf(parts, plan, known, memory.limit))
    const { total, smaller } = memory
    if (memory.refused) throw new EngineError('no-memory', sentence, { total, limit: memory.limit, smaller })
    throw new EngineError('no-space', sentence, { total: likely, limit })
  }
  return makeRoom(parts, memory)
}

/** As many tokens a second of sound as this model wrote before, else as speech has; one that went on until it was stopped does so again. */
const tokensOf = (
  model: Model,
  { tokens }: RunShapes,
  runs: readonly Run[],
  seconds: number,
): RunEstimate['tokens'] => {
  if (!tokens) return null
  const { prompt, most } = tokens
  const rates = runs
    .filter(({ options }) => !options.tokens)
    .map(({ result, options, samples, region: [from, to] }) => {
      const written = result.tokens?.length ?? 0
      const isStopped = written >= (runShapes(model, samples, options).tokens?.most ?? Infinity)
      return isStopped ? Infinity : (written - prompt) / (to - from)
    })
    .sort((a, b) => a - b)
  const rate = rates[rates.length >> 1] ?? tokensPerSecond
  // with the one that ends it
  return { likely: Math.min(most, prompt + Math.ceil(rate * seconds) + 1), most }
}

const timeOf = async (
  parts: Parts,
  { job }: Plan,
  { model, shapes, runs, tokens }: Known,
): Promise<TimeEstimate | null> => {
  const verdicts = parts.store.verdicts(job.modelHash).filter(({ onnxruntime }) => onnxruntime === onnxruntimeVersion)
  const provider: ProviderId = job.device === 'auto' ? (verdicts.find(isFaster)?.provider ?? 'cpu') : job.device
  const verdict = verdicts.find((one) => one.provider === provider && one.parity) ?? null
  const same = runs.filter((run) => run.provider === provider && run.threads === job.threads)
  const learnt = paceOfRuns(same, ({ options, samples }) => ({
    model,
    options,
    shapes: runShapes(model, samples, options),
  }))
  if (!learnt && provider !== 'cpu' && !verdict) return null
  const pace = learnt ?? paceOfTrial(await parts.processes.jobs.trial({ threads: job.threads }), verdict)
  const isLoaded = parts.processes.holds(job.modelHash)
  return estimateTime({ model, shapes, options: job.options }, tokens, { provider, pace, isLoaded })
}
