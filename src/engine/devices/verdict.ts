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

/** "webgpu is 420 × slower than the CPU on this model (10.2 s against 0.024 s)" */
export const speedText = ({ provider, seconds }: Verdict): string => {
  const faster = seconds.provider < seconds.cpu
  const ratio = faster ? seconds.cpu / seconds.provider : seconds.provider / seconds.cpu
  const figure = (value: number): string => String(Number(value.toPrecision(3)))
  return `${provider} is ${figure(ratio)} × ${faster ? 'faster' : 'slower'} than the CPU on this model (${figure(seconds.provider)} s against ${figure(seconds.cpu)} s)`
}
