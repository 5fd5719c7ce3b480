import type { Fitting } from '../../contract/estimate.ts'
import type { RunPlan } from '../run-plan.ts'

type Plan = Pick<RunPlan, 'job' | 'card'>

/** The largest whole number within [low, high] that fits, where none fits beyond one that does not; null where none does. */
const largest = (low: number, high: number, fits: (n: number) => boolean): number | null => {
  if (low > high || !fits(low)) return null
  let [good, bad] = [low, high + 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (fits(middle)) good = middle
    else bad = middle
  }
  return good
}

const perSecond = 10

/** How much of a run that does not fit would. `most` is as many tokens as it may write; `fits` is asked about shorter runs. */
export const whatFits = (plan: Plan, most: number, fits: (plan: Plan) => boolean): Fitting => {
  const { job, card } = plan
  const [start, end] = job.region
  const length = (tenths: number): Plan => ({ card, job: { ...job, region: [start, start + tenths / perSecond] } })
  const tokens = (maxTokens: number): Plan => ({ card, job: { ...job, options: { ...job.options, maxTokens } } })
  const hears = [Math.ceil(perSecond * card.minSeconds), Math.floor(perSecond * (end - start))] as const
  const tenths = card.maxSeconds === null ? largest(...hears, (n) => fits(length(n))) : null
  const writes = card.decoder && !job.options.tokens
  return {
    seconds: tenths === null ? null : tenths / perSecond,
    tokens: writes ? largest(1, most, (n) => fits(tokens(n))) : null,
  }
}

/** To be put after the sentence that refuses it; empty where nothing would. */
export const fittingText = ({ seconds, tokens }: Fitting): string =>
  [
    ...(seconds === null ? [] : [`; its first ${seconds} s would fit`]),
    ...(tokens === null ? [] : [`; ${tokens} new tokens at most would fit`]),
  ].join('')
