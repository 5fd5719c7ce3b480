import type { Run } from '../contract/run.ts'
import { provenanceText } from './provenance.ts'
import { regionText } from './time-axis.ts'

/** The lines under a figure: what ran on what, and what must be known to read it. */

const unique = (lines: string[]): string[] => [...new Set(lines)]

export const runNotes = (runs: readonly Run[]): string[] =>
  unique([
    `Recordings: ${unique(runs.map(recordingNote)).join('; ')}.`,
    `Models: ${unique(runs.map(modelNote)).join('; ')}.`,
    ...(languageNotes(runs).length > 0 ? [unique(languageNotes(runs)).join(' ')] : []),
    ...(runs.some((run) => run.model.untrained)
      ? ['Untrained models have random weights: their pictures show how the computation is built, not anything learnt.']
      : []),
    ...warningsOf(runs).map((warning) => `${warning}.`),
  ])

/** What was odd about the recordings, each once. */
export const warningsOf = (runs: readonly Run[]): string[] =>
  unique(runs.flatMap((run) => run.warnings.filter(isNews).map((warning) => `${run.recording.name}: ${warning}`)))

/** A figure says in its own words that a model is untrained. */
const isNews = (warning: string): boolean => !warning.startsWith('untrained')

const modelNote = (run: Run): string => {
  const { model, versions } = run
  const kind = [model.type, model.variant === 'fp32' ? '' : model.variant, model.untrained ? 'untrained' : '']
  return `${model.id} (${kind.filter(Boolean).join(', ')}) on ${provenanceText(run)}, onnxruntime ${versions.onnxruntime}`
}

const recordingNote = ({ recording, region }: Run): string => `${recording.name}, ${regionText(region)}`

const languageNotes = (runs: readonly Run[]): string[] =>
  runs.flatMap(({ recording, result: { language } }) =>
    language ? [`Language of ${recording.name}: ${language.code}, ${language.detected ? 'detected' : 'given'}.`] : [],
  )

export const attentionNote =
  'Attention weights say where values are taken from, not why: they are not an explanation of the output.'
export const countNote = 'Layers, heads, steps and tokens count from 0.'

export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`
