import { bytesText } from '../../figures/estimate-text.ts'
import { EngineError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { MemoryEstimate } from '../../contract/estimate.ts'
import type { ModelCard, Variant } from '../../contract/model.ts'
import { clipRange } from '../audio/clip.ts'
import { modelRate } from '../models/families/config-number.ts'
import { openModel } from '../models/open.ts'
import { splitVariant } from '../models/variants.ts'
import type { EngineParts } from '../parts.ts'
import type { RunPlan } from '../run-plan.ts'
import { usableMemory } from '../settings/settings-card.ts'
import { estimateRun, type RunMemory } from './estimate-run.ts'

type Parts = Pick<EngineParts, 'settings' | 'processes'>
type Plan = Pick<RunPlan, 'job' | 'card'>

/** Work on a model that takes memory. */
export interface Need {
  card: ModelCard
  /** what it is for, as in "needs about 2 GB for this region" */
  purpose: string
  /** whether a shorter region would take less */
  shortens: boolean
  memory(variant: Variant): RunMemory
}

/** What a run takes on the CPU; a comparison takes no more. */
export const needOfRun = ({ job, card }: Plan): Need => ({
  card,
  purpose: 'for this region',
  // a window of fixed length takes the same for any region
  shortens: card.maxSeconds === null,
  memory: (variant) => {
    const model = openModel(job.modelFolder, variant)
    const [start, end] = clipRange(job.opened, job.region, modelRate(model.preprocessor))
    return estimateRun(model, end - start, job.options)
  },
})

/** What is needed, and what there is for it. */
export const estimateMemory = async (parts: Parts, need: Need): Promise<MemoryEstimate> => {
  const { card, purpose } = need
  const limit = await usableMemory(parts)
  const needed = need.memory(card.variant)
  const fits = needed.total <= limit
  if (fits) return { ...needed, limit, fits, smaller: [], refused: '' }
  const smaller = smallerVariants(need, needed).filter(({ total }) => total <= limit)
  const isLimited = parts.settings.effective.memoryLimit !== null
  const there = `${bytesText(limit)} ${isLimited ? 'may be used (the memory limit)' : 'are free'}`
  const refused = `${card.id} needs about ${bytesText(needed.total)} ${purpose} and ${there}: ${advice(need, smaller, isLimited)}`
  return { ...needed, limit, fits, smaller, refused }
}

/** Throws `no-memory` where it does not fit; else answers what the job process must know. */
export const admit = async (parts: Parts, need: Need): Promise<NonNullable<JobInput['memory']>> => {
  const memory = await estimateMemory(parts, need)
  const { total, limit, fits, refused, smaller } = memory
  if (!fits) throw new EngineError('no-memory', refused, { total, limit, smaller })
  return makeRoom(parts, memory)
}

/** What the job process must know of work that fits; the other process gives back what it holds where that is needed. */
export const makeRoom = async (
  { processes }: Pick<Parts, 'processes'>,
  { weights, activations, total, limit }: MemoryEstimate,
): Promise<NonNullable<JobInput['memory']>> => {
  const { queries } = await processes.heldBytes()
  if (total + queries > limit) processes.releaseQueries()
  return { needed: weights + activations, limit }
}

/** A quarter of float32's bytes: what quantising to 8 bits leaves, but for scales and what stays float. */
const quantisedShare = 0.25

/** Variants that take less: those of the folder by their own graphs, and of a model of the hub the one that nearly all of them have there. */
const smallerVariants = ({ card, memory }: Need, needed: RunMemory): MemoryEstimate['smaller'] => {
  const { name } = splitVariant(card.id)
  const here = card.variants
    .filter((variant) => variant !== card.variant)
    .map((variant) => ({ variant, total: memory(variant).total, here: true }))
  const saved = needed.weights * (1 - quantisedShare)
  const isOnHub = card.hub !== null && card.variant === 'fp32' && !card.variants.includes('q8')
  const there = isOnHub ? [{ variant: 'q8', total: needed.total - saved, here: false }] : []
  return [...here, ...there]
    .filter(({ total }) => total < needed.total)
    .map(({ variant, ...rest }) => ({ model: `${name}:${variant}`, ...rest }))
}

const advice = ({ shortens }: Need, smaller: MemoryEstimate['smaller'], isLimited: boolean): string => {
  const there = smaller.map(({ model, total, here }) => {
    const { name, variant } = splitVariant(model)
    const get = `otoscope models pull ${name} --variant ${variant}`
    return here
      ? `use ${model} (${bytesText(total)})`
      : `get its ${variant} variant (about ${bytesText(total)}) with ${get}`
  })
  const shorter = shortens ? ['choose a shorter region'] : []
  const otherwise = isLimited ? 'raise the limit' : 'close other programs'
  const ways = [...shorter, ...there]
  return ways.length > 0 ? ways.join(', or ') : otherwise
}
