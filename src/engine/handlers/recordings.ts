import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { measureLoudness } from '../audio/loudness.ts'
import type { EngineParts } from '../parts.ts'

type Name =
  | 'recordings.opening'
  | 'recordings.cancelOpening'
  | 'recordings.look'
  | 'recordings.reopen'
  | 'recordings.list'
  | 'recordings.close'
  | 'recordings.peaks'
  | 'recordings.spectrogram'
  | 'recordings.spectrogramTile'
  | 'recordings.audio'
  | 'recordings.loudness'

export const recordingHandlers = ({ sounds, openings, notices }: EngineParts): Pick<EngineHandlers, Name> => ({
  'recordings.opening': (publish) => openings.subscribe(publish),
  'recordings.cancelOpening': ({ opening }) => {
    openings.cancel(opening)
    return null
  },
  'recordings.look': async () => {
    const states = await Promise.all(sounds.list().map(({ id }) => sounds.look(id)))
    return states.filter((state) => state !== null)
  },
  'recordings.reopen': async ({ recording }, { signal }) => {
    const { path, recording: old } = sounds.opened(recording)
    const opened = await openings.follow(old.name, signal, (following) =>
      sounds.open(path, { name: old.name, ...following }),
    )
    notices.publish({ kind: 'recordings', message: '' })
    return opened
  },
  'recordings.list': () => sounds.list(),
  'recordings.close': ({ recording }) => {
    if (!sounds.close(recording)) throw new EngineError('not-found', 'this recording is not open')
    notices.publish({ kind: 'recordings', message: '' })
    return null
  },
  'recordings.peaks': ({ recording, range, columns }, { signal }) => sounds.peaks(recording, range, columns, signal),
  'recordings.spectrogram': (input, { signal }) => sounds.spectrograms.map(input, signal),
  'recordings.spectrogramTile': (input, { signal }) => sounds.spectrograms.tile(input, signal),
  'recordings.audio': ({ recording, region }, { signal }) => sounds.audio(recording, region, signal),
  'recordings.loudness': ({ recording, region }, { signal, part }) =>
    measureLoudness(sounds.region(recording, region, signal), signal, part),
})
