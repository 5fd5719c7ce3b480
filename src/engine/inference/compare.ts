import { setImmediate as macrotask } from 'node:timers/promises'
import { EngineError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { NodeCounts, Parity, ProviderId, Verdict } from '../../contract/run.ts'
import { printTap, type TapName } from '../../contract/tap.ts'
import { errorText } from '../../figures/provenance.ts'
import { float16 } from '../../formats/onnx/read-tensor.ts'
import { failedVerdict, type Candidate } from '../devices/verdict.ts'
import type { Model } from '../models/model.ts'
import type { Store } from '../store/store.ts'
import { decoderSteps } from './decoder-steps.ts'
import { encode, type Heard } from './encode.ts'
import type { Values } from './session.ts'
import { warmModel, type WarmModel } from './warm.ts'
import { promptTokens, type Progress } from './decode-text.ts'

/** What both are run over. */
export interface Subject {
  input: JobInput
  model: Model
  heard: Heard
  store: Store
}

interface Tapped {
  tap: TapName
  values: Values
}
interface Pass {
  taps: Tapped[]
  /** of one pass, once warm */
  seconds: number
}
interface Measured extends Pass {
  nodes: NodeCounts
}
type Step = () => Promise<void>

/** A short pass is timed again until this much was seen, and the shortest counts: what else the machine did only adds. */
const enoughSeconds = 0.3
const mostRounds = 5

/**
 * Runs the model on the CPU and then on `candidate`, the encoder and a decoder's teacher-forced pass over its prompt, and stores what
 * was found. A provider that fails is refused by its verdict; a clip the CPU itself cannot compute throws `not-finite`. One is
 * released before the other is loaded: no more memory is taken than by a run, and the provider's stays for the run that it is for.
 */
export const compareWithCpu = async (subject: Subject, candidate: Candidate, progress: Progress): Promise<Verdict> => {
  const { input, store } = subject
  let passes = 0
  const step: Step = async () => {
    progress.part({ stage: 'compare', done: passes++, total: 4 })
    await macrotask()
    progress.signal.throwIfAborted()
  }
  const measured = async (provider: ProviderId): Promise<Measured> => {
    const warm = warmModel({ ...input, provider }, store.folder)
    return { ...(await measure(warm, subject, step, progress.signal)), nodes: warm.nodes() }
  }
  const cpu = await measured('cpu')
  checkReference(cpu.taps)
  const other = await measured(candidate.provider).catch((error: unknown) => {
    if (!(error instanceof EngineError) || error.code !== 'no-provider') throw error
    return failedVerdict(input, candidate, error.message)
  })
  const verdict = 'refused' in other ? other : verdictOf(subject, candidate, cpu, other)
  store.putVerdict(verdict)
  return verdict
}

const verdictOf = ({ input, model }: Subject, candidate: Candidate, cpu: Measured, other: Measured): Verdict => {
  const taps = cpu.taps.map(({ tap, values }, i) => ({ tap, error: relativeError(values, other.taps[i]?.values) }))
  const finite = taps.filter(({ error }) => Number.isFinite(error))
  const wrong = taps.find(({ error }) => !Number.isFinite(error))
  const parity = wrong ? null : parityOf(finite, parityLimit(model))
  return {
    ...failedVerdict(input, candidate, wrong ? notFinite(candidate, wrong.tap) : tooFar(candidate, parity)),
    nodes: other.nodes,
    seconds: { cpu: cpu.seconds, provider: other.seconds },
    parity,
    taps: finite,
  }
}

const measure = async (warm: WarmModel, subject: Subject, step: Step, signal: AbortSignal): Promise<Pass> => {
  await step()
  // the first pass loads graphs and compiles kernels
  await pass(warm, subject, signal)
  await step()
  const began = performance.now()
  let seconds = Infinity
  for (let round = 1; ; round++) {
    const from = performance.now()
    const taps = await pass(warm, subject, signal)
    const now = performance.now()
    seconds = Math.min(seconds, (now - from) / 1000)
    if (round === mostRounds || (now - began) / 1000 > enoughSeconds) return { taps, seconds }
  }
}

/** Every hidden state and the logits of one pass. */
const pass = async (warm: WarmModel, { input, heard }: Subject, signal: AbortSignal): Promise<Tapped[]> => {
  const { decoder } = warm.model
  const encoded = await encode(warm, heard, signal)
  const logits = (values: Values | null | undefined): Tapped[] => (values ? [{ tap: 'logits', values }] : [])
  const taps = [...hidden('encoder', encoded.hidden), ...logits(encoded.logits)]
  if (!decoder) return taps
  await macrotask()
  const session = await warm.session('decoder', decoder, signal)
  signal.throwIfAborted()
  const steps = decoderSteps(encoded.top, session, null)
  const results = await steps.all(promptTokens(warm.model, input.options), decoder.hidden)
  const states = decoder.hidden.map((name) => results[name] as Values)
  return [...taps, ...hidden('decoder', states), ...logits(results['logits'])]
}

const hidden = (side: 'encoder' | 'decoder', states: readonly Values[]): Tapped[] =>
  states.map((values, index) => ({ tap: printTap({ kind: 'hidden', side, index }), values }))

const largest = (data: Float32Array): number => {
  let most = 0
  // a NaN stays: no comparison with it holds
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i]!) <= most)) most = Math.abs(data[i]!)
  return most
}

/** max |a − b| / max |a|, absolute where `a` is all zero; NaN where `b` is not finite, or not of `a`'s size. */
export const relativeError = (a: Values, b: Values | undefined): number =>
  largestDifference(a, b) / (largest(a.data) || 1)

/** NaN where the shapes or a value differ beyond comparing. */
export const largestDifference = (a: Values, b: Values | undefined): number => {
  if (b?.data.length !== a.data.length) return NaN
  let worst = 0
  for (let i = 0; i < a.data.length; i++) {
    const difference = Math.abs(a.data[i]! - b.data[i]!)
    if (!Number.isFinite(difference)) return NaN
    if (difference > worst) worst = difference
  }
  return worst
}

const checkReference = (taps: readonly Tapped[]): void => {
  const bad = taps.find(({ values }) => !Number.isFinite(largest(values.data)))
  if (bad)
    throw new EngineError(
      'not-finite',
      `${bad.tap} has values that are NaN or infinite on the CPU; choose another clip`,
    )
}

/**
 * Half precision keeps 11 bits of a number, 2e3 apart; single precision 24. What a graph hands from layer to layer counts: a file's
 * name does not.
 */
export const parityLimit = ({ encoder, decoder }: Pick<Model, 'encoder' | 'decoder'>): number => {
  const isHalf = [encoder, ...(decoder ? [decoder] : [])].some(({ types, hidden, top }) =>
    [...hidden, top].some((name) => types.get(name) === float16),
  )
  return isHalf ? 1e-2 : 1e-3
}

const parityOf = (taps: Verdict['taps'], limit: number): Parity => {
  const { tap, error: worst } = taps.reduce((most, each) => (each.error > most.error ? each : most))
  return { worst, tap, limit, passed: worst <= limit }
}

const tooFar = ({ provider }: Candidate, parity: Parity | null): string =>
  !parity || parity.passed
    ? ''
    : `${provider} differs from the CPU by ${errorText(parity.worst)} of ${parity.tap}'s largest magnitude, and ${errorText(parity.limit)} is allowed`

const notFinite = ({ provider }: Candidate, tap: TapName): string =>
  `${provider} gave values of ${tap} that are NaN or infinite, and the CPU did not`
