import type { ModelSound } from '../contract/heard-by.ts'

/** Whose hearing it is and what was done to the sound: beside a pane's title and under a figure. */
export const heardText = ({ heardBy, done }: Pick<ModelSound, 'heardBy' | 'done'>): string =>
  `what ${heardBy.model} hears: ${done.join(' · ')}`
