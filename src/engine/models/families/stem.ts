import { z } from 'zod'
import type { Grid, TimeGrid } from '../../../contract/grid.ts'
import { EngineError } from '../../../contract/errors.ts'

/** How the steps of a mapped model lie in time, as read from its graph when it was imported and kept in otoscope.json. */

/** A convolution or pooling over time, as ONNX writes it: `before` and `after` are what it is padded by. */
export const Convolution = z.object({
  kernel: z.number().int().positive(),
  stride: z.number().int().positive(),
  dilation: z.number().int().positive(),
  before: z.number().int().nonnegative(),
  after: z.number().int().nonnegative(),
})
export type Convolution = z.output<typeof Convolution>

const Patches = z.object({
  bands: z.number().int().positive(),
  special: z.number().int().nonnegative(),
  /** which mel bins the bands cover; mappings from before this was kept lack it */
  mel: z
    .object({ first: z.number().int(), step: z.number().int().positive(), size: z.number().int().positive() })
    .optional(),
})

/** From the features to the first hidden state; with `patches` its columns, each of them a step in every band. */
export const Stem = z.object({ convolutions: z.array(Convolution), patches: Patches.nullable() })
export type Stem = z.output<typeof Stem>

/** Where the results of a convolution over a sequence lie; all of them count as valid. */
export const convolved = (grid: TimeGrid, { kernel, stride, dilation, before, after }: Convolution): TimeGrid => {
  const reach = dilation * (kernel - 1)
  const count = Math.max(0, Math.floor((grid.count + before + after - reach - 1) / stride) + 1)
  return {
    start: grid.start + (reach / 2 - before) * grid.step,
    step: grid.step * stride,
    width: grid.width + reach * grid.step,
    count,
    valid: count,
  }
}

/** The encoder's grid over features of a clip that ends at `end` seconds. Throws `bad-model`. */
export const stemGrid = (features: TimeGrid, end: number, config: Record<string, unknown>): Grid => {
  const { convolutions, patches } = stemOf(config)
  const grid = convolutions.reduce(convolved, features)
  // 5 s / 0.02 s is 250.00000000000003 in floating point
  const heard = Math.ceil((end - grid.start) / grid.step - 1e-6)
  const time = { ...grid, valid: Math.min(grid.count, Math.max(0, heard)) }
  if (!patches) return time
  const { bands, special, mel } = patches
  return { time, bands, special, ...(mel && { mel }) }
}

/** The fewest samples that make a step. */
export const leastSamples = (config: Record<string, unknown>): number =>
  stemOf(config).convolutions.reduceRight(
    (length, { kernel, stride, dilation, before, after }) =>
      Math.max(1, (length - 1) * stride + dilation * (kernel - 1) + 1 - before - after),
    1,
  )

const stemOf = (config: Record<string, unknown>): Stem => {
  const { data } = Stem.safeParse(config['stem'])
  if (data) return data
  throw new EngineError(
    'bad-model',
    "the model's otoscope.json has no usable stem: import the model again with --input",
  )
}
