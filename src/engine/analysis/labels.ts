import type { LabelCard, RunResult } from '../../contract/run.ts'

const audioSetClasses = 527

/**
 * How a classifier's logits become scores: `problem_type` of config.json decides; where it is absent, a head of AudioSet's
 * 527 classes was trained for many labels at once (sigmoid), any other for one of them (softmax).
 */
export const scoreRule = (config: Record<string, unknown>, classes: number): 'softmax' | 'sigmoid' => {
  if (config['problem_type'] === 'multi_label_classification') return 'sigmoid'
  if (config['problem_type'] === 'single_label_classification') return 'softmax'
  return classes === audioSetClasses ? 'sigmoid' : 'softmax'
}

/** All labels of `logits` [label] by falling score; a class without a name in `id2label` is called LABEL_<index>. */
export const labelScores = (
  logits: Float32Array,
  config: Record<string, unknown>,
): NonNullable<RunResult['labels']> => {
  const scores = scoreRule(config, logits.length)
  const values = scores === 'sigmoid' ? sigmoid(logits) : softmax(logits)
  const names = (config['id2label'] ?? {}) as Record<string, unknown>
  const items = values.map((score, index): LabelCard => ({ index, label: labelName(names[index], index), score }))
  return { scores, items: items.sort((a, b) => b.score - a.score || a.index - b.index) }
}

const labelName = (name: unknown, index: number): string => (typeof name === 'string' ? name : `LABEL_${index}`)

const sigmoid = (logits: Float32Array): number[] => Array.from(logits, (value) => 1 / (1 + Math.exp(-value)))

const softmax = (logits: Float32Array): number[] => {
  const high = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  const weights = Array.from(logits, (value) => Math.exp(value - high))
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / sum)
}
