import { EngineError } from '../../contract/errors.ts'
import type { ModelCard } from '../../contract/model.ts'
import { matchTap, parseTap, type TapName } from '../../contract/tap.ts'

/** Which taps a person's list names in a model. */

const layersOf = (card: ModelCard): { encoder: number; decoder: number } => ({
  encoder: card.encoder.layers,
  decoder: card.decoder?.layers ?? 0,
})

const numbered = (prefix: string, count: number): TapName[] => Array.from({ length: count }, (_, i) => `${prefix}.${i}`)

const namesFor = (encoder: number, decoder: number, hasDecoder: boolean): TapName[] => [
  'features',
  ...numbered('encoder.hidden', encoder + 1),
  ...numbered('encoder.attention', encoder),
  ...(hasDecoder ? numbered('decoder.hidden', decoder + 1) : []),
  ...numbered('decoder.attention', decoder),
  ...numbered('cross.attention', decoder),
]

/** Every tap of a model, in the order they are written. */
export const tapsOf = (card: ModelCard): TapName[] => {
  const { encoder, decoder } = layersOf(card)
  const tokens = card.type === 'ctc' || card.type === 'encoder-decoder' ? ['tokens'] : []
  const logits = card.type === 'encoder' ? [] : ['logits']
  return [...namesFor(encoder, decoder, decoder > 0), ...tokens, ...logits]
}

/** More layers than any model has: what a pattern could mean somewhere. */
const everything = [...namesFor(999, 999, true), 'tokens', 'logits']

/** Whether a name, or a pattern with `*`, can mean a tap of any model at all. */
export const isInGrammar = (pattern: string): boolean =>
  pattern.includes('*') ? everything.some((name) => matchTap(pattern, name)) : parseTap(pattern) !== undefined

/**
 * The taps of `card` that `patterns` name. `absent` are the patterns that name a part the model does not have (a decoder,
 * tokens). Throws `bad-input` for a name outside the grammar, `not-found` for a layer the model lacks and for an empty result.
 */
export const selectTaps = (card: ModelCard, patterns: readonly string[]): { taps: TapName[]; absent: string[] } => {
  const available = tapsOf(card)
  const chosen = new Set<TapName>()
  const absent: string[] = []
  for (const pattern of patterns) {
    if (!isInGrammar(pattern)) throw new EngineError('bad-input', `no tap has the name ${pattern}`)
    const matches = available.filter((name) => matchTap(pattern, name))
    for (const name of matches) chosen.add(name)
    if (matches.length > 0) continue
    if (namesPartOf(card, pattern)) throw lacking(card, pattern)
    absent.push(pattern)
  }
  if (chosen.size === 0)
    throw new EngineError('not-found', `nothing to export: ${card.id} has no ${patterns.join(', ')}`)
  return { taps: available.filter((name) => chosen.has(name)), absent }
}

/** Whether the pattern would name something if the model's own parts had more layers. */
const namesPartOf = (card: ModelCard, pattern: string): boolean =>
  namesFor(999, card.decoder ? 999 : 0, card.decoder !== undefined).some((name) => matchTap(pattern, name))

const lacking = (card: ModelCard, pattern: string): EngineError => {
  const { encoder, decoder } = layersOf(card)
  const has = decoder > 0 ? `${encoder} encoder and ${decoder} decoder layers` : `${encoder} encoder layers`
  return new EngineError('not-found', `${card.id} has no ${pattern}: it has ${has}, counted from 0`)
}
