import type { SpectrogramMap } from '../../contract/engine.ts'
import { secondsAt, type TimeGrid } from '../../contract/grid.ts'
import type { ModelSound } from '../../contract/heard-by.ts'
import type { Peaks } from '../../contract/recording.ts'
import type { Run, RunResult } from '../../contract/run.ts'
import { indexOfMost } from '../../signal/reduce.ts'
import { clock, hertz, percent, reading } from '../format.ts'
import { badgeText } from '../run-facts.ts'
import type { Reading } from '../stores/readings.ts'
import type { Settings } from '../stores/settings.ts'

/** How to read what a pane shows, in sentences that hold the numbers it shows now. Pure: what is not there yet is left out. */

export const waveformNote = (peaks: Peaks | null, model: ModelSound | null = null): string[] => {
  const all = ['Amplitude over time: of the samples that fall on a pixel the lowest and the highest.']
  if (!peaks || peaks.min.length === 0) return all
  const low = peaks.min.reduce((a, b) => Math.min(a, b))
  const high = peaks.max.reduce((a, b) => Math.max(a, b))
  const [from, to] = peaks.range
  return [
    ...all,
    `From ${clock(from)} to ${clock(to)} it lies between ${reading(low)} and ${reading(high)}; ±1 is full scale.`,
    ...(model
      ? [`These are the samples that ${model.heardBy.model} is given; hatched is what it adds, and no sound.`]
      : []),
  ]
}

export const spectrogramNote = (map: SpectrogramMap | null): string[] => {
  const [what, unit] =
    map && map.unit !== 'dB'
      ? ['What the model is given: a row is a mel band, a column a frame.', map.unit]
      : ['Level over time and frequency: a row is a frequency, a column a frame; a sine of amplitude 1 is 0 dB.', 'dB']
  if (!map) return [what]
  const { raster, grid } = map
  const at = indexOfMost(raster.data)
  const [row, column] = [Math.floor(at / raster.columns), at % raster.columns]
  const [first, last] = raster.source.columns
  const step = first + ((column + 0.5) / raster.columns) * (last - first) - 0.5
  const frequency = map.hertz[Math.floor(((row + 0.5) / raster.rows) * map.hertz.length)] ?? 0
  const value = reading(raster.data[at] ?? NaN)
  return [
    what,
    `Greatest of what is shown: ${value} ${unit}, near ${hertz(frequency)} at ${clock(secondsAt(grid, step))}.`,
  ]
}

export interface HiddenFacts {
  view: Settings['hidden']['view']
  width: number
  /** null for tokens */
  grid: TimeGrid | null
  order: Settings['hidden']['order']
  /** the ends of the colours; null while they are not known */
  range: readonly [number, number] | null
  /** the share of the variance that a plane holds; null while it is not known */
  explained: number | null
}

export const hiddenNote = ({ view, width, grid, order, range, explained }: HiddenFacts): string[] => {
  const step = grid
    ? `a step: ${reading(grid.step * 1000)} ms apart, each made of ${reading(grid.width * 1000)} ms of sound and, through attention, of all others`
    : 'a token'
  if (view === 'similarity')
    return [
      'A cell compares two layers over the same steps: 1 where one is the other turned and scaled (CKA), or points the same way (cosine).',
      'Alike is not the same computation, and few steps make any two layers look alike.',
    ]
  if (view === 'trajectory')
    return [
      `A point is ${step}; near points are alike in the two directions in which this clip’s vary most.`,
      ...(explained === null
        ? []
        : [`The plane holds ${percent(explained)} of the variance in ${width} dimensions; the rest is not seen.`]),
    ]
  if (view === 'dimension')
    return [
      `The value of one of ${width} dimensions at every step; triangles stand at its peaks on audio. What a dimension means is not known.`,
    ]
  return [
    `A row is one of ${width} dimensions, a column ${step}.`,
    order === 'index'
      ? 'Dimensions stand as the model counts them, which means nothing: neighbours are no more alike than others.'
      : `Dimensions stand by ${order}, over steps on audio: a row’s own number is read under the pointer.`,
    ...(range && view === 'map'
      ? [`Red is above 0, blue below; the deepest colours stand for ±${reading(range[1])} and more.`]
      : []),
  ]
}

export const attentionNote = (row: Reading | undefined): string[] => [
  'A row is one query, its cells the weights it gives to every key: they sum to 1, and say where values are taken from, not why.',
  ...(row
    ? [
        [
          `${row.query}:`,
          row.near === null ? '' : `${percent(row.near)} of its weight within 200 ms`,
          row.near !== null && row.padding !== null ? 'and' : '',
          row.padding === null ? '' : `${percent(row.padding)} on padding`,
        ]
          .filter(Boolean)
          .join(' ') + '.',
      ]
    : ['Move over the map to read a row.']),
  'Hatched is padding: silence the model adds, not sound.',
]

const seamNote =
  'At a dotted seam one window ends and the next begins; each was heard by itself, and a word that a seam cuts may be there twice, in part or not at all.'

/** `windows`: of a region that was heard in several */
export const textNote = (result: RunResult | null, windows = false): string[] => [
  ...resultNote(result),
  ...(windows ? [seamNote] : []),
]

const resultNote = (result: RunResult | null): string[] => {
  if (result?.labels) {
    const [best] = result.labels.items.toSorted((a, b) => b.score - a.score)
    const kind =
      result.labels.scores === 'softmax'
        ? 'Scores of all labels sum to 1: one is true at a time.'
        : 'Each label has a score of its own, 0 to 1: several can be true, and they need not sum to 1.'
    return [
      kind,
      ...(best
        ? [`Greatest: ${best.label}, ${reading(best.score)}. A label that is not in the list cannot be given.`]
        : []),
    ]
  }
  if (result?.characters) {
    const least = result.characters.toSorted((a, b) => a.probability - b.probability)[0]
    const unsure = least ? [`Least sure: “${least.text}” at ${clock(least.start)}, ${reading(least.probability)}.`] : []
    return [
      'The likeliest symbol of every step, repeats joined and blanks left out; below, the scores of all that win somewhere.',
      ...unsure,
    ]
  }
  if (!result?.tokens) return []
  const chosen = result.tokens.filter((token) => token.probability !== null && !token.special)
  const least = chosen.toSorted((a, b) => a.probability! - b.probability!)[0]
  return [
    'Tokens in the order they were written, each with the chance the model gave it then; those of the prompt were not chosen.',
    ...(least ? [`Least sure: “${least.text.trim()}”, ${reading(least.probability!)}.`] : []),
  ]
}

/** What made it, of what is a run's. */
export const madeBy = ({ model, untrained }: { model: string; untrained: boolean }, run: Run): string =>
  `Made by ${model}: ${badgeText(run)}.${untrained ? ' Its weights are untrained: the numbers mean nothing.' : ''}`
