import { EngineError } from '../../contract/errors.ts'
import type { Region } from '../../contract/recording.ts'
import type { Clip } from '../audio/clip.ts'
import type { Family } from '../models/families/family.ts'
import { modelRate } from '../models/families/config-number.ts'
import type { Model } from '../models/model.ts'

type Limits = Pick<Family, 'id' | 'minSamples' | 'maxSeconds'>
type Preprocessor = Record<string, unknown>

/** Refuses a region that is certainly longer than the family's window, before anything is decoded. Throws `bad-region`. */
export const checkLength = ([start, end]: Region, family: Limits, preprocessor: Preprocessor): void => {
  const longest = family.maxSeconds(preprocessor)
  // an end up to 0.1 s past the recording is clipped when it is read
  if (longest !== null && end - start > longest + 0.1) throw tooLong(end - start, family, longest)
}

/** Refuses a clip the family cannot take whole: nothing is cut or padded in silence. Throws `bad-region`. */
export const checkClip = (
  { samples }: Pick<Clip, 'samples'>,
  family: Limits,
  { preprocessor, config }: Pick<Model, 'preprocessor' | 'config'>,
): void => {
  const rate = modelRate(preprocessor)
  const least = family.minSamples(config)
  if (samples.length < least)
    throw new EngineError(
      'bad-region',
      `the clip is too short: ${samples.length} samples, and ${family.id} needs ${least} (${(1000 * least) / rate} ms); choose a longer region`,
    )
  const longest = family.maxSeconds(preprocessor)
  // a region of exactly that length may round up by a sample
  if (longest !== null && samples.length > longest * rate + 1) throw tooLong(samples.length / rate, family, longest)
}

const tooLong = (seconds: number, family: Limits, longest: number): EngineError =>
  new EngineError(
    'bad-region',
    `the clip is too long: ${seconds.toFixed(2)} s, and ${family.id} hears ${longest} s at once; choose a shorter region`,
  )

/** −100 dB of full scale: below the last bit of 16-bit audio. */
const silence = 1e-5

export const isSilent = (samples: Float32Array): boolean => samples.every((sample) => Math.abs(sample) < silence)
