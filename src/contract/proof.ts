/** What was found when a model's taps were tried on a short sound: that they are what Otoscope says they are. */

export interface Proof {
  name: 'outputs' | 'rows' | 'recomputed' | 'steps'
  passed: boolean
  /** what was compared and what came out, a sentence without a full stop */
  sentence: string
}

export interface ModelProof {
  /** the model's hash */
  model: string
  proofs: Proof[]
  /** what weights that are no float32 cost, a sentence without a full stop; null where they are, or float32 is not there to compare with */
  precision: string | null
  /** ISO 8601 */
  at: string
}

export const failedProofs = ({ proofs }: ModelProof): Proof[] => proofs.filter(({ passed }) => !passed)
