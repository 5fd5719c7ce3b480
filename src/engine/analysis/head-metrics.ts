import type { HeadMetrics } from '../../contract/engine.ts'

/**
 * Numbers that tell heads apart, after docs/metrics.md, where the formulas and their sources are. Only rows on audio count. Distance and
 * diagonality are of the weight on audio alone, each row's own summing to one; the others are of a row's whole weight, padding included.
 */

/** What the keys of a site are, and so its queries where it attends to itself. */
export interface Sequence {
  /** the step of every key: a token, a step in time, the column of a patch; -1 for a special token */
  steps: Int32Array
  /** how many steps lie on audio: those after them are padding; of a decoder's own tokens none are */
  audible: number
  /** whether the queries are the same sequence; if not, no query is near a key, or far from it */
  self: boolean
  /** null where steps are tokens */
  stepSeconds: number | null
  special: boolean
}

export interface HeadMeter {
  /** Rows of weights [row, key], the first of them row `first`. */
  add(weights: Float32Array, first: number): void
  result(): HeadMetrics
}

export const headMeter = (sequence: Sequence): HeadMeter => {
  const { steps, audible, self, stepSeconds, special } = sequence
  const totals = { entropy: 0, padding: 0, first: 0, special: 0, distance: 0, diagonality: 0 }
  /** those that count, and those of them with any weight on audio */
  let [rows, heard] = [0, 0]

  const addRow = (weights: Float32Array, from: number, own: number): void => {
    let [onAudio, away] = [0, 0]
    for (let key = 0; key < steps.length; key++) {
      const weight = weights[from + key]!
      if (weight <= 0) continue
      const step = steps[key]!
      totals.entropy -= weight * Math.log(weight)
      if (step < 0) totals.special += weight
      else if (step >= audible) totals.padding += weight
      else {
        onAudio += weight
        away += weight * Math.abs(step - own)
        if (step === 0) totals.first += weight
      }
    }
    rows++
    if (onAudio === 0) return
    heard++
    const farthest = Math.max(own, audible - 1 - own)
    totals.distance += away / onAudio
    totals.diagonality += farthest > 0 ? 1 - away / onAudio / farthest : 1
  }

  return {
    add: (weights, first) => {
      for (let row = 0; row * steps.length < weights.length; row++) {
        const own = self ? steps[first + row]! : 0
        if (own >= 0 && own < audible) addRow(weights, row * steps.length, own)
      }
    },
    result: () => {
      const near = self && heard > 0
      return {
        distance: near ? (totals.distance / heard) * (stepSeconds ?? 1) : null,
        entropy: totals.entropy / rows,
        diagonality: near ? totals.diagonality / heard : null,
        padding: stepSeconds !== null ? totals.padding / rows : null,
        first: totals.first / rows,
        special: special ? totals.special / rows : null,
      }
    },
  }
}
