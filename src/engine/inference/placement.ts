import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { NodeCounts, ProviderId } from '../../contract/run.ts'

/** Which provider ran which node, from onnxruntime's profile of a run: no call of its interface tells, and what was asked for does not. */

const providers: Record<string, ProviderId> = {
  CPUExecutionProvider: 'cpu',
  CUDAExecutionProvider: 'cuda',
  DmlExecutionProvider: 'dml',
  CoreMLExecutionProvider: 'coreml',
  WebGpuExecutionProvider: 'webgpu',
}

/** One event per line. A node that ran more than once, in a loop or a second run, counts once. Throws `internal` for a provider that is not ours. */
export const countNodes = (profile: string): NodeCounts => {
  const seen = new Set<string>()
  const counts: NodeCounts = {}
  for (const line of profile.split('\n')) {
    const name = /"name"\s*:\s*"(.*)_kernel_time"/.exec(line)?.[1]
    const said = /"provider"\s*:\s*"(\w+)"/.exec(line)?.[1]
    if (name === undefined || said === undefined) continue
    const node = `${name} ${/"node_index"\s*:\s*"(\d+)"/.exec(line)?.[1]}`
    if (seen.has(node)) continue
    seen.add(node)
    const provider = providers[said]
    if (!provider) throw new EngineError('internal', `onnxruntime ran ${name} on ${said}, which nobody asked for`)
    counts[provider] = (counts[provider] ?? 0) + 1
  }
  return counts
}

let profiles = 0

/** Where a session's profile begins: its own in `folder`. */
export const profilePrefix = (folder: string): string => join(folder, `profile-${process.pid}-${profiles++}`)

/** Reads and removes the profile that onnxruntime wrote as `<prefix>_<time>.json`, whose name is told to nobody; null where there is none. */
export const takeProfile = (prefix: string): string | null => {
  const folder = dirname(prefix)
  const name = readdirSync(folder).find((file) => file.startsWith(`${basename(prefix)}_`))
  if (name === undefined) return null
  const path = join(folder, name)
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  return text
}

export const nodeCount = (counts: NodeCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0)

export const sumNodes = (all: readonly NodeCounts[]): NodeCounts => {
  const sum: NodeCounts = {}
  for (const counts of all)
    for (const [provider, count] of Object.entries(counts) as [ProviderId, number][])
      sum[provider] = (sum[provider] ?? 0) + count
  return sum
}
