import type { RunProgress } from '../contract/run.ts'

const stages: Record<RunProgress['stage'], string> = {
  waiting: 'waiting for its turn',
  decode: 'decoding',
  load: 'loading the model',
  features: 'computing features',
  compare: 'comparing the device with the CPU',
  prove: 'trying its taps on a sound',
  encode: 'encoding',
  token: 'generating: token',
  decoder: 'running the decoder over all tokens',
  store: 'storing',
}

/** Share that is done, 0 … 1; null where one step is all there is, and how far it has come is not known. */
export const progressShare = ({ stage, done, total }: RunProgress): number | null =>
  stage === 'waiting' || total <= 1 ? null : Math.min(1, done / total)

/** "encoding": what does not change with every step */
export const stageText = ({ stage }: RunProgress): string => (stage === 'token' ? 'generating' : stages[stage])

/** "generating: token 3 of 448" */
export const progressText = (progress: RunProgress): string => {
  const { window } = progress
  return (window ? `window ${window.number} of ${window.count}, ` : '') + stepText(progress)
}

const stepText = ({ stage, done, total }: RunProgress): string => {
  const words = stages[stage]
  // how many waited is old news by the time it is read
  if (stage === 'waiting') return words
  if (stage === 'token') return total > 0 ? `${words} ${done} of ${total}` : `${words} ${done}`
  return total > 1 ? `${words}: ${done} of ${total}` : words
}
