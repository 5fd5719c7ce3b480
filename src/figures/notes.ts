import type { Run } from '../contract/run.ts'
import { regionText } from './time-axis.ts'

/** The lines under a figure: what ran on what, and what must be known to read it. */

const unique = (lines: string[]): string[] => [...new Set(lines)]

export const runNotes = (runs: readonly Run[]): string[] =>
  unique([
    `Recordings: ${unique(runs.map((run) => `${run.recording.name}, ${regionText(run.region)}`)).join('; ')}.`,
    `Models: ${unique(runs.map(modelNote)).join('; ')}.`,
    ...(runs.some((run) => run.model.untrained)
      ? ['Untrained models have random weights: their pictures show how the computation is built, not anything learnt.']
      : []),
    ...runs.flatMap((run) => run.warnings.filter(isNews).map((warning) => `${run.recording.name}: ${warning}.`)),
  ])

/** A figure says in its own words that a model is untrained. */
const isNews = (warning: string): boolean => !warning.startsWith('untrained')

const modelNote = ({ model, provider, versions, result }: Run): string => {
  const untrained = model.untrained ? ', untrained' : ''
  const language = result.language
    ? `, language ${result.language.code}${result.language.detected ? ' detected' : ''}`
    : ''
  return `${model.id} (${model.type}${untrained}${language}) on ${provider}, onnxruntime ${versions.onnxruntime}`
}

export const attentionNote =
  'Attention weights say where values are taken from, not why: they are not an explanation of the output.'
export const countNote = 'Layers, heads, steps and tokens count from 0.'

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`
