import type { FlowStage } from '../contract/model.ts'

/** A model's flow in words: the same on the page and on the command line. */

const titles: Record<FlowStage['part'], string> = {
  sound: 'sound',
  filled: 'filled up',
  features: 'features',
  rows: 'rows',
  steps: 'steps',
  encoder: 'encoder',
  decoder: 'decoder',
  output: 'output',
}

export const stageTitle = ({ part }: FlowStage): string => titles[part]

const words: Record<string, string> = {
  sample: ' samples',
  mel: ' mel bands',
  frame: ' frames',
  row: ' rows',
  value: ' values',
  step: ' steps',
  width: '',
  token: ' tokens',
  score: ' scores',
  label: ' labels',
}

/** "80 mel bands × 3000 frames", "1500 steps × 384" */
export const shapeText = ({ shape, axes }: FlowStage): string =>
  shape.map((size, i) => grouped(size) + (words[axes[i] ?? ''] ?? '')).join(' × ')

/** 3000, 80,000 */
const grouped = (size: number): string => (size < 10_000 ? String(size) : size.toLocaleString('en'))
