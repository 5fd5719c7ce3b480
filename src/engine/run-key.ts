import { createHash } from 'node:crypto'
import type { FamilyId } from '../contract/model.ts'
import type { Recording } from '../contract/recording.ts'
import type { RunOptions } from '../contract/run.ts'
import type { Range } from '../contract/tensor.ts'
import { decodes } from './models/variants.ts'
import { version } from './paths.ts'

/** What decides a run's numbers, and nothing else. */
export interface RunIdentity {
  recording: Pick<Recording, 'id' | 'rate'>
  /** as run, in seconds */
  region: Range
  modelHash: string
  family: FamilyId
  options: RunOptions
}

/** A run's content address. */
export const runKey = ({ recording, region, modelHash, family, options }: RunIdentity): string => {
  const frames = region.map((seconds) => Math.round(seconds * recording.rate))
  // only a decoder reads the others; given tokens replace whatever would have been generated
  const { tokens, language, task, maxTokens, baseline } = options
  const read = !decodes(family) ? null : tokens ? { tokens } : { language, task, maxTokens }
  return createHash('sha256')
    .update(JSON.stringify([version, recording.id, frames, modelHash, read, ...(baseline ? [baseline] : [])]))
    .digest('hex')
}
