import { z } from 'zod'

/**
 * What is shown of an attention site (docs/weights.md): its weights as the model has them; their rollout through the layers up to it; or
 * how much each key's value, weighted and projected, adds to the query.
 */
export const weightKinds = ['raw', 'rollout', 'values'] as const
export type WeightKind = (typeof weightKinds)[number]

export const weightFields = {
  weights: z.enum(weightKinds).default('raw'),
  /** without padding (and AST's special tokens): each head's row is scaled so that what is left sums to 1 */
  audioOnly: z.boolean().default(false),
}
