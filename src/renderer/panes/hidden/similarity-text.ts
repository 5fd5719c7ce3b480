import type { LayerSimilarity, SimilarityMeasure } from '../../../contract/hidden.ts'

/** What the numbers of compared layers mean, and over what they were taken. */

const meanings: Record<SimilarityMeasure, string> = {
  cka: 'How alike two layers lay out the clip’s steps, whatever their rotation and scale: 1 is alike.',
  cosine: 'How alike the directions of a step’s two states are, on average: 1 the same, 0 unrelated, −1 opposite.',
}

const leftOut: Record<LayerSimilarity['samples']['kind'], string> = {
  steps: 'padding left out',
  patches: 'padding and special tokens left out',
  tokens: 'the prompt’s tokens among them',
}

/** "150 steps × 384 · padding left out" */
export const samplesText = ({ samples, width, otherWidth, paired }: LayerSimilarity): string => {
  const widths = width === otherWidth ? `${width}` : `${width} and ${otherWidth}`
  const pairs = paired === 'self' ? '' : paired === 'number' ? ' paired by number' : ' paired in seconds'
  return `${samples.count} ${samples.kind}${pairs} × ${widths} · ${leftOut[samples.kind]}`
}

const pairings: Record<Exclude<LayerSimilarity['paired'], 'self'>, string> = {
  number:
    'Step i is compared with step i, from each region’s start, as far as both go: moments at the same time from there, not the same sounds.',
  seconds:
    'Steps are paired in seconds: each of the coarser grid with the mean of the finer one’s that lie nearest to it (AST: its columns).',
}

export const similarityNotes = (found: LayerSimilarity | null, measure: SimilarityMeasure): string[] => {
  const few = found && found.measure === 'cka' && found.samples.count < Math.max(found.width, found.otherWidth)
  const clips = found && found.paired !== 'self' ? 'Of these clips only' : 'Of this clip only'
  return [
    meanings[found?.measure ?? measure],
    ...(found && found.paired !== 'self' ? [pairings[found.paired]] : []),
    `${clips}, ${leftOut[found?.samples.kind ?? 'steps']}. A click chooses the row’s layer.`,
    ...(few ? [`There are fewer ${found.samples.kind} than dimensions: CKA comes out too high.`] : []),
  ]
}
