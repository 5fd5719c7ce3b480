import { z } from 'zod'
import { soundInputs } from './model.ts'

/** What a person says of a model of no known family, and what of that neither its graph nor its config files tell. */
export const Mapping = z.object({
  input: z.enum(soundInputs),
  /** samples per second: preprocessor_config.json's, else 16000 */
  rate: z.number().int().positive().optional(),
  /** whether a waveform or a filter bank is normalised: as preprocessor_config.json says, else it is */
  normalise: z.boolean().optional(),
  /** attention heads, where the graph works them out at run time and config.json does not say */
  heads: z.number().int().positive().optional(),
  /** how long a sound a spectrogram holds, where the graph leaves it open */
  seconds: z.number().positive().optional(),
})
export type Mapping = z.output<typeof Mapping>
