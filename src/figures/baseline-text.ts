import type { Baseline } from '../contract/run.ts'

/** What stands in for the sound or the model, in words: the same in panes, warnings and under figures. */

export const baselineNames: Record<Baseline, string> = {
  silence: 'silence',
  shuffled: 'shuffled audio',
  untrained: 'untrained model',
}

export const baselineText: Record<Baseline, string> = {
  silence: 'digital silence as long as the clip',
  shuffled: 'the clip in blocks of 20 ms, put in another order (seed 1)',
  untrained: 'untrained twin: weights shuffled',
}
