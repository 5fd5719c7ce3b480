import { z } from 'zod'

/** `mean` and `max` reduce all heads to one map; a list gives a map per head. */
export const Heads = z.union([z.literal('mean'), z.literal('max'), z.array(z.number().int().nonnegative()).min(1)])
export type Heads = z.output<typeof Heads>
