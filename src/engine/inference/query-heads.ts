import type { Heads } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { Alignment, Variant } from '../../contract/model.ts'
import type { Run } from '../../contract/run.ts'
import { parseTap } from '../../contract/tap.ts'
import { openModel } from '../models/open.ts'
import type { Kernel } from './kernel.ts'
import type { MapAxes } from './query-map.ts'
import type { Operands } from './query-site.ts'

/** Which heads an answer about attention is made of: some of a layer, or the alignment heads, which lie in several. */

export interface Place {
  modelFolder: string
  modelVariant: Variant
}
export interface Subject extends Place {
  run: string
  tap: string
}
export interface Opened {
  run: Run
  operands: Operands
  kernel: Kernel
  axes: MapAxes
}
/** a head of a layer that was opened */
export type OpenedHead = Opened & { head: number }
export type Open = (subject: Subject) => Promise<Opened>

/** Throws `bad-input` for a head the layer does not have, and for alignment heads where there are none. */
export const openHeads = async (open: Open, input: Subject & { heads?: Heads | undefined }): Promise<OpenedHead[]> => {
  if (input.heads !== 'alignment') {
    const opened = await open(input)
    return headList(input.heads, opened.operands.heads).map((head) => ({ ...opened, head }))
  }
  if (parseTap(input.tap)?.kind !== 'cross')
    throw new EngineError('bad-input', `${input.tap} has no alignment heads: they are heads of cross-attention`)
  return openPairs(open, input, alignmentOf(input).heads)
}

export const openPairs = async (
  open: Open,
  subject: Omit<Subject, 'tap'>,
  pairs: Alignment['heads'],
): Promise<OpenedHead[]> => {
  const found: OpenedHead[] = []
  for (const [layer, head] of pairs)
    found.push({ ...(await open({ ...subject, tap: `cross.attention.${layer}` })), head })
  return found
}

/** Throws `bad-input` where the checkpoint names none. */
export const alignmentOf = ({ modelFolder, modelVariant }: Place): Alignment => {
  const { card } = openModel(modelFolder, modelVariant)
  if (!card.alignment)
    throw new EngineError('bad-input', `${card.id} names no alignment heads in its generation_config.json`)
  return card.alignment
}

const headList = (wanted: 'mean' | 'max' | number[] | undefined, count: number): number[] => {
  if (!Array.isArray(wanted)) return Array.from({ length: count }, (_, head) => head)
  const stranger = wanted.find((head) => head >= count)
  if (stranger !== undefined)
    throw new EngineError('bad-input', `there is no head ${stranger}: the layer has ${count}, counted from 0`)
  return wanted
}
