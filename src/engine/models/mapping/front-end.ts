import { EngineError } from '../../../contract/errors.ts'
import type { Mapping } from '../../../contract/mapping.ts'
import { kaldiHop } from '../../../signal/kaldi.ts'
import { configCount, configNumber } from '../families/config-number.ts'
import type { Stem } from '../families/stem.ts'
import type { Json } from '../read-json.ts'
import type { FoundStem, Picture } from './stem.ts'

/** How sound is prepared for a mapped model: what the person said, else what the graph shows, else what preprocessor_config.json says. */
export const frontEnd = (mapping: Mapping, found: FoundStem, own: Json): { preprocessor: Json; stem: Stem } => {
  const { input, normalise } = mapping
  const rate = mapping.rate ?? configCount(own, 'sampling_rate', 16000)
  checkSaid(mapping, found)
  if (found.picture === null) {
    const isNormalised = normalise ?? own['do_normalize'] !== false
    const size = found.samples === undefined ? {} : { samples: found.samples }
    return { preprocessor: { sampling_rate: rate, do_normalize: isNormalised, ...size }, stem: found.stem(0, 0) }
  }
  const hop = input === 'log-mel' ? configCount(own, 'hop_length', 160) : kaldiHop
  const bands = found.picture.bands ?? bandsSaid(mapping, own)
  const frames = framesOf(found, found.picture, mapping, own, hop / rate)
  const size =
    input === 'log-mel'
      ? { feature_size: bands, hop_length: hop, chunk_length: (frames * hop) / rate }
      : { num_mel_bins: bands, max_length: frames, ...(normalise !== undefined && { do_normalize: normalise }) }
  return { preprocessor: { sampling_rate: rate, ...size, axes: found.picture.axes }, stem: found.stem(bands, frames) }
}

/** What would have no effect is not taken in silence. */
const checkSaid = ({ input, normalise, seconds }: Mapping, { picture, samples }: FoundStem): void => {
  if (seconds !== undefined && picture === null && samples === undefined)
    throw new EngineError('bad-input', 'a waveform is heard at any length: leave --seconds out')
  if (seconds !== undefined && (samples ?? picture?.frames) !== undefined)
    throw new EngineError('bad-input', 'its graph says how long a sound it hears: leave --seconds out')
  if (normalise !== undefined && input === 'log-mel')
    throw new EngineError('bad-input', 'a log-mel spectrogram is always normalised as Whisper’s: leave --normalise out')
}

const bandsSaid = ({ input }: Mapping, own: Json): number => {
  const key = input === 'log-mel' ? 'feature_size' : 'num_mel_bins'
  if (own[key] !== undefined) return configCount(own, key, 0)
  throw new EngineError('bad-model', `the graph leaves its bands open, and no preprocessor_config.json says ${key}`)
}

const framesOf = (found: FoundStem, { frames }: Picture, mapping: Mapping, own: Json, hop: number): number => {
  if (frames !== undefined) return frames
  if (mapping.seconds !== undefined) return Math.round(mapping.seconds / hop)
  if (mapping.input === 'filter-bank' && own['max_length'] !== undefined) return configCount(own, 'max_length', 0)
  if (mapping.input === 'log-mel' && own['chunk_length'] !== undefined)
    return Math.round(configNumber(own, 'chunk_length', 0) / hop)
  if (found.positions !== undefined && !found.hasPatches) return found.positions * found.step
  throw new EngineError('bad-model', 'the graph leaves open how long a sound it hears: say it with --seconds')
}
