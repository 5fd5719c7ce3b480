import type { EngineClient } from '../contract/engine.ts'
import { EngineError } from '../contract/errors.ts'
import type { RunEstimate } from '../contract/estimate.ts'
import type { RunInput } from '../contract/run.ts'
import { basisText, estimateText, secondsText } from '../figures/estimate-text.ts'
import { megabytes } from './download-progress.ts'
import { say } from './terminal.ts'

/**
 * Says on stderr what runs will take, those left out that are stored already. Throws what a run that does not fit would, before the first
 * of them is begun. Windows of a region are alike: the first that is missing is estimated for all of them.
 */
export const sayEstimate = async (
  client: Pick<EngineClient, 'runs.find' | 'runs.estimate' | 'runs.windows'>,
  wanted: readonly RunInput[],
  signal: AbortSignal,
): Promise<void> => {
  const found: { model: string; estimate: RunEstimate }[] = []
  for (const input of wanted) {
    let estimate: RunEstimate | null = null
    for (const { region } of await client['runs.windows'](input, { signal })) {
      const window = { ...input, region }
      if (await client['runs.find'](window, { signal })) continue
      estimate ??= await client['runs.estimate'](window, { signal })
      if (!estimate.fits)
        throw new EngineError(estimate.total <= estimate.limit ? 'no-space' : 'no-memory', estimate.refused)
      found.push({ model: input.model, estimate })
    }
  }
  const [first] = found
  if (!first) return
  const [{ model, estimate }, count] = [first, found.length]
  if (count === 1) say(`${model} takes ${[estimateText(estimate), basisText(estimate)].filter(Boolean).join('; ')}`)
  else say(`${count} runs take ${sumText(found.map((one) => one.estimate))}`)
}

const sumText = (estimates: readonly RunEstimate[]): string => {
  const sum = (of: (estimate: RunEstimate) => number): number => estimates.reduce((n, one) => n + of(one), 0)
  const seconds = sum(({ time }) => time?.likely ?? 0)
  const unknown = estimates.some(({ time }) => time === null) ? ', and those on a device that is new to them' : ''
  return `about ${secondsText(seconds)}${unknown}, and ${megabytes(sum(({ cache }) => cache.likely))} of cache`
}
