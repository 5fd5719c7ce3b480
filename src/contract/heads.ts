import { z } from 'zod'

/** `mean` and `max` reduce all heads of a layer to one map; a list gives a map per head. */
export const LayerHeads = z.union([z.literal('mean'), z.literal('max'), z.array(z.number().int().nonnegative()).min(1)])
export type LayerHeads = z.output<typeof LayerHeads>

/** `alignment`: the mean over the heads that the checkpoint names for it. They lie in several layers, so a cross tap's own is passed over. */
export const Heads = z.union([LayerHeads, z.literal('alignment')])
export type Heads = z.output<typeof Heads>
