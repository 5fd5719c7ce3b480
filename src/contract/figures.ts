import { z } from 'zod'
import { stream } from './contract.ts'
import type { FileAnswer } from './file-answer.ts'
import { RegionInput, RunOptions, devices, type RunProgress } from './run.ts'

export const figureNames = [
  'hidden-states',
  'encoder-attention',
  'attention-heads',
  'cross-attention',
  'attention-over-spectrogram',
] as const
export type FigureName = (typeof figureNames)[number]
export const figureFormats = ['svg', 'png', 'pdf'] as const
export type FigureFormat = (typeof figureFormats)[number]

export const figures = {
  'figures.draw': stream<RunProgress, FileAnswer>()(
    z.object({
      figure: z.enum(figureNames),
      format: z.enum(figureFormats),
      recordings: z
        .array(
          z.object({
            recording: z.string(),
            region: RegionInput,
            /** of a region of several windows, a moment of the one whose attention is drawn; the first unless given */
            at: z.number().optional(),
          }),
        )
        .min(1)
        .max(4),
      models: z.array(z.string()).min(1),
      options: RunOptions.prefault({}),
      device: z.enum(devices).default('auto'),
      /** what the models hear is said below it; below one that shows sound it always is */
      heard: z.boolean().default(false),
    }),
  ),
}
