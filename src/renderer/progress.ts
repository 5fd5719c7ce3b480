import type { RunProgress } from '../contract/run.ts'

const stages: Record<RunProgress['stage'], string> = {
  waiting: 'waiting for its turn',
  decode: 'decoding',
  load: 'loading the model',
  features: 'computing features',
  encode: 'encoding',
  token: 'generating: token',
  decoder: 'running the decoder over all tokens',
  store: 'storing',
}

/** "generating: token 3 of 448" */
export const progressText = ({ stage, done, total }: RunProgress): string => {
  const words = stages[stage]
  if (stage === 'token') return total > 0 ? `${words} ${done} of ${total}` : `${words} ${done}`
  return total > 1 ? `${words}: ${done} of ${total}` : words
}
