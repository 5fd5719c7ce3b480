import type { JobInput } from '../../contract/inference.ts'
import type { Verdict } from '../../contract/run.ts'
import { onnxruntimeVersion } from '../paths.ts'
import type { Store } from '../store/store.ts'

export type Candidate = JobInput['candidates'][number]
type Subject = Pick<JobInput, 'model' | 'modelHash'>

/** Of a provider that gave no numbers to compare. */
export const failedVerdict = (
  { model, modelHash }: Subject,
  { provider, name }: Candidate,
  refused: string,
): Verdict => ({
  model: { id: model, hash: modelHash },
  provider,
  device: name,
  onnxruntime: onnxruntimeVersion,
  nodes: {},
  seconds: { cpu: 0, provider: 0 },
  parity: null,
  taps: [],
  refused,
  at: new Date().toISOString(),
})

/** What is known of a provider on this model, with this device and this onnxruntime. */
export const storedVerdict = (
  store: Pick<Store, 'verdicts'>,
  { modelHash }: Subject,
  { provider, name }: Candidate,
): Verdict | undefined =>
  store
    .verdicts(modelHash)
    .find((each) => each.provider === provider && each.device === name && each.onnxruntime === onnxruntimeVersion)

/** Whether `auto` prefers it to the CPU. */
export const isFaster = ({ refused, seconds }: Verdict): boolean => !refused && seconds.provider < seconds.cpu
