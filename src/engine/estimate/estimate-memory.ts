import { EngineError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { ModelCard, Variant } from '../../contract/model.ts'
import type { MemoryEstimate } from '../../contract/settings.ts'
import { clipRange } from '../audio/clip.ts'
import { modelRate } from '../models/families/config-number.ts'
import type { Model } from '../models/model.ts'
import { openModel } from '../models/open.ts'
import { splitVariant } from '../models/variants.ts'
import type { EngineParts } from '../parts.ts'
import type { RunPlan } from '../run-plan.ts'
import { usableMemory } from '../settings/settings-card.ts'
import { estimateRun, type RunMemory } from './estimate-run.ts'

type Parts = Pick<EngineParts, 'settings' | 'processes'>
type Plan = Pick<RunPlan, 'job' | 'card'>

/** What a run takes on the CPU, and what there is for it; a comparison takes no more. */
export const estimateMemory = async (parts: Parts, plan: Plan): Promise<MemoryEstimate> => {
  const { card } = plan
  const limit = await usableMemory(parts)
  const needed = memoryOf(plan, card.variant)
  const fits = needed.total <= limit
  if (fits) return { ...needed, limit, fits, smaller: [], refused: '' }
  const smaller = smallerVariants(plan, needed).filter(({ total }) => total <= limit)
  const isLimited = parts.settings.effective.memoryLimit !== null
  const there = `${size(limit)} ${isLimited ? 'may be used (the memory limit)' : 'are free'}`
  const refused = `${card.id} needs about ${size(needed.total)} for this region and ${there}: ${advice(card, smaller, isLimited)}`
  return { ...needed, limit, fits, smaller, refused }
}

/**
 * Throws `no-memory` where the run does not fit; else answers what the job process must know, and makes the other process give back
 * what it holds where that is needed.
 */
export const admitRun = async (parts: Parts, plan: Plan): Promise<JobInput['memory']> => {
  const { weights, activations, total, limit, fits, refused, smaller } = await estimateMemory(parts, plan)
  if (!fits) throw new EngineError('no-memory', refused, { total, limit, smaller })
  const { queries } = await parts.processes.heldBytes()
  if (total + queries > limit) parts.processes.releaseQueries()
  return { needed: weights + activations, limit }
}

const modelOf = ({ job }: Plan, variant: Variant): Model => openModel(job.modelFolder, variant)

const memoryOf = (plan: Plan, variant: Variant): RunMemory => {
  const model = modelOf(plan, variant)
  const [start, end] = clipRange(plan.job.opened, plan.job.region, modelRate(model.preprocessor))
  return estimateRun(model, end - start, plan.job.options)
}

/** A quarter of float32's bytes: what quantising to 8 bits leaves, but for scales and what stays float. */
const quantisedShare = 0.25

/** Variants that take less: those of the folder by their own graphs, and of a model of the hub the one that nearly all of them have there. */
const smallerVariants = (plan: Plan, needed: RunMemory): MemoryEstimate['smaller'] => {
  const { card } = plan
  const { name } = splitVariant(card.id)
  const here = card.variants
    .filter((variant) => variant !== card.variant)
    .map((variant) => ({ variant, total: memoryOf(plan, variant).total, here: true }))
  const saved = needed.weights * (1 - quantisedShare)
  const isOnHub = card.hub !== null && card.variant === 'fp32' && !card.variants.includes('q8')
  const there = isOnHub ? [{ variant: 'q8', total: needed.total - saved, here: false }] : []
  return [...here, ...there]
    .filter(({ total }) => total < needed.total)
    .map(({ variant, ...rest }) => ({ model: `${name}:${variant}`, ...rest }))
}

const advice = (card: ModelCard, smaller: MemoryEstimate['smaller'], isLimited: boolean): string => {
  const there = smaller.map(({ model, total, here }) => {
    const { name, variant } = splitVariant(model)
    const get = `otoscope models pull ${name} --variant ${variant}`
    return here ? `use ${model} (${size(total)})` : `get its ${variant} variant (about ${size(total)}) with ${get}`
  })
  // a window of fixed length takes the same for any region
  const shorter = card.maxSeconds === null ? ['choose a shorter region'] : []
  const otherwise = isLimited ? 'raise the limit' : 'close other programs'
  const ways = [...shorter, ...there]
  return ways.length > 0 ? ways.join(', or ') : otherwise
}

const size = (bytes: number): string =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
