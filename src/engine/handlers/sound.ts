import type { EngineHandlers } from '../../contract/engine.ts'
import type { HeardBy } from '../../contract/heard-by.ts'
import { measureLoudness } from '../audio/loudness.ts'
import type { Sounding } from '../audio/sounds.ts'
import { createModelSounds } from '../hearing/model-sounds.ts'
import type { EngineParts } from '../parts.ts'

type Name =
  | 'recordings.heardBy'
  | 'recordings.peaks'
  | 'recordings.spectrogram'
  | 'recordings.spectrogramTile'
  | 'recordings.audio'
  | 'recordings.loudness'

/** What a recording looks and sounds like, or what a model hears of it. */
export const soundHandlers = (parts: EngineParts): Pick<EngineHandlers, Name> => {
  const modelSounds = createModelSounds(parts)
  const soundOf = async (recording: string, by: HeardBy | undefined, signal: AbortSignal): Promise<Sounding> =>
    by ? modelSounds.of(recording, by, signal) : parts.sounds

  return {
    'recordings.heardBy': async ({ recording, heardBy }, { signal }) =>
      (await modelSounds.of(recording, heardBy, signal)).card,
    'recordings.peaks': async ({ recording, range, columns, heardBy }, { signal }) =>
      (await soundOf(recording, heardBy, signal)).peaks(recording, range, columns, signal),
    'recordings.spectrogram': async (input, { signal }) =>
      (await soundOf(input.recording, input.heardBy, signal)).spectrograms.map(input, signal),
    'recordings.spectrogramTile': async (input, { signal }) =>
      (await soundOf(input.recording, input.heardBy, signal)).spectrograms.tile(input, signal),
    'recordings.audio': async ({ recording, region, heardBy }, { signal }) =>
      (await soundOf(recording, heardBy, signal)).audio(recording, region, signal),
    'recordings.loudness': async ({ recording, region, heardBy }, { signal, part }) =>
      measureLoudness((await soundOf(recording, heardBy, signal)).region(recording, region, signal), signal, part),
  }
}
