import { EngineError } from '../../contract/errors.ts'
import type { JobInput } from '../../contract/inference.ts'
import type { Parity, Verdict } from '../../contract/run.ts'
import { speedText } from '../../figures/provenance.ts'
import { isFaster, storedVerdict, type Candidate } from '../devices/verdict.ts'
import type { Store } from '../store/store.ts'

/** What a run uses, and why. */
export interface Chosen extends Candidate {
  choice: string
  parity: Parity | null
  warnings: string[]
}

/**
 * The device that was asked for, or for `auto` the first that is faster than the CPU on this model; `compare` is asked where no
 * verdict is stored. Throws `no-provider` where one asked for by name is refused.
 */
export const chooseProvider = (
  input: JobInput,
  store: Pick<Store, 'verdicts'>,
  compare: (candidate: Candidate) => Promise<Verdict>,
): Promise<Chosen> => (input.device === 'auto' ? automatic(input, store, compare) : named(input, store, compare))

type Choose = typeof chooseProvider

const named: Choose = async (input, store, compare) => {
  const candidate = input.candidates[0]!
  const chosen = { ...candidate, choice: 'asked for', warnings: [] }
  if (candidate.provider === 'cpu') return { ...chosen, parity: null }
  const known = storedVerdict(store, input, candidate)
  // one that gave no numbers may start today: who asks for it by name is not told of yesterday
  const verdict = known?.parity ? known : await compare(candidate)
  if (verdict.refused)
    throw new EngineError('no-provider', `device ${candidate.provider}: ${verdict.refused}; use --device cpu or auto`)
  return { ...chosen, parity: verdict.parity }
}

const automatic: Choose = async (input, store, compare) => {
  const reasons = [...input.skipped]
  const warnings: string[] = []
  for (const candidate of input.candidates) {
    if (candidate.provider === 'cpu') {
      const why = reasons.length > 0 ? reasons.join('; ') : 'no accelerator works here'
      return { ...candidate, choice: `auto: ${why}`, parity: null, warnings }
    }
    const verdict = storedVerdict(store, input, candidate) ?? (await compare(candidate))
    const sentence = verdict.refused || speedText(verdict)
    if (isFaster(verdict)) return { ...candidate, choice: `auto: ${sentence}`, parity: verdict.parity, warnings }
    reasons.push(sentence)
    if (verdict.refused) warnings.push(`auto did not use ${candidate.name}: ${verdict.refused}`)
  }
  throw new EngineError('internal', 'a job without the CPU among what it may run on')
}
