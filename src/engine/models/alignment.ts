import type { Alignment, Stack } from '../../contract/model.ts'
import type { Json } from './read-json.ts'

/**
 * The alignment heads that generation_config.json names; null where it names none that the decoder has. otoscope.json may say that
 * their rows look at the token being read (`"alignment_rows": "read"`), as a checkpoint's training may have had it.
 */
export const readAlignment = (generation: Json | null, notes: Json, { layers, heads }: Stack): Alignment | null => {
  const named = generation?.['alignment_heads']
  const isPair = (pair: unknown): pair is [number, number] =>
    Array.isArray(pair) && pair.length === 2 && isBelow(pair[0], layers) && isBelow(pair[1], heads)
  if (!Array.isArray(named) || named.length === 0 || !named.every(isPair)) return null
  return { heads: named, rows: notes['alignment_rows'] === 'read' ? 'read' : 'written' }
}

const isBelow = (value: unknown, count: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < count
