import type { RunInput } from '../../contract/run.ts'
import type { Range } from '../../contract/tensor.ts'
import { windowsOf } from '../../contract/windows.ts'

export type RunRequest = Pick<RunInput, 'recording' | 'region' | 'model'> & { options: Partial<RunInput['options']> }

/** One window of a column's region, and the part of it that the panes show. */
export interface WindowRequest {
  request: RunRequest
  shown: Range
}

/** The last ones made, by what they were made of: every pane asks for them at every move, and four hours of AST have 1,400. */
const kept = new Map<string, readonly WindowRequest[]>()
const mostKept = 16

/** The same list for the same question, so that its requests can be told by identity. `most`: seconds the model hears at a time; null for no limit. */
export const windowRequests = ({ region, ...what }: RunRequest, most: number | null): readonly WindowRequest[] => {
  const key = JSON.stringify([what, region, most])
  const made =
    kept.get(key) ?? windowsOf(region, most).map(({ region, shown }) => ({ request: { ...what, region }, shown }))
  kept.delete(key)
  kept.set(key, made)
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!)
  return made
}

const keys = new WeakMap<RunRequest, string>()

export const runKey = (request: RunRequest): string => {
  const known = keys.get(request)
  if (known !== undefined) return known
  const key = JSON.stringify([request.recording, request.region, request.model, request.options])
  keys.set(request, key)
  return key
}
