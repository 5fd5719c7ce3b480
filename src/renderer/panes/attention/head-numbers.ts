import type { AttentionProgress } from '../../../contract/engine.ts'
import { engine } from '../../engine.ts'
import { useQuery } from '../../query.ts'
import type { Kind } from './atlas.ts'

/** The numbers of every head of a run; asked once, whoever shows them. `hear` is told how far it is. */
export const useHeadNumbers = (
  input: () => { run: string; kind: Kind } | null,
  hear: (progress: AttentionProgress) => void,
) =>
  useQuery({
    name: 'atlas',
    input,
    call: (about, options) => engine['runs.attentionMetrics'](about, { ...options, onPart: hear }),
  })
