import type { TimeGrid } from '../../../contract/grid.ts'
import { configCount } from './config-number.ts'
import { convolved } from './stem.ts'

/**
 * Where the rows of a head lie that follow an adapter (`add_adapter`): every layer of it is a convolution over the encoder's steps,
 * padded on both sides. `layers` where config.json does not say how many.
 */
export const adapterGrid = (
  states: TimeGrid,
  config: Record<string, unknown>,
  { layers, padding }: { layers: number; padding: number },
): TimeGrid => {
  const convolution = {
    kernel: configCount(config, 'adapter_kernel_size', 3),
    stride: configCount(config, 'adapter_stride', 2),
    dilation: 1,
    before: padding,
    after: padding,
  }
  return Array.from({ length: configCount(config, 'num_adapter_layers', layers) }).reduce<TimeGrid>((grid) => {
    const { count: valid } = convolved({ ...grid, count: grid.valid }, convolution)
    return { ...convolved(grid, convolution), valid }
  }, states)
}
