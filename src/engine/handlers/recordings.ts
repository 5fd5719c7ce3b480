import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import { fileNameOf, mostSplit, type Recording } from '../../contract/recording.ts'
import { shownName } from '../audio/shown-name.ts'
import type { EngineParts } from '../parts.ts'

type Name =
  | 'recordings.opening'
  | 'recordings.cancelOpening'
  | 'recordings.look'
  | 'recordings.reopen'
  | 'recordings.list'
  | 'recordings.split'
  | 'recordings.close'

export const recordingHandlers = ({
  sounds,
  openings,
  ownFiles,
  notices,
}: EngineParts): Pick<EngineHandlers, Name> => ({
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
    // opening a channel names it again
    const name = fileNameOf(old)
    const opened = await ownFiles.during(path, () =>
      openings.follow(old.name, signal, (following) =>
        sounds.open(path, { name, channel: old.channel?.number, raw: old.raw, ...following }),
      ),
    )
    notices.publish({ kind: 'recordings', message: '' })
    return opened
  },
  'recordings.list': () => sounds.list(),
  'recordings.split': async ({ recording: id, channel: one }, { signal }) => {
    const { path, recording } = sounds.opened(id)
    const { channels } = recording
    const name = shownName(recording.name)
    if (channels < 2) throw new EngineError('bad-input', `${name} has one channel: there is nothing to split`)
    if (one === undefined && channels > mostSplit)
      throw new EngineError('bad-input', `${name} has ${channels} channels: open those you want one by one`)
    const wanted = one === undefined ? Array.from({ length: channels }, (_, channel) => channel) : [one]
    const split: Recording[] = []
    await ownFiles.during(path, async () => {
      for (const channel of wanted)
        split.push(
          await openings.follow(recording.name, signal, (following) =>
            sounds.open(path, { name: recording.name, channel, raw: recording.raw, ...following }),
          ),
        )
    })
    notices.publish({ kind: 'recordings', message: '' })
    return split
  },
  'recordings.close': ({ recording }) => {
    if (!sounds.close(recording)) throw new EngineError('not-found', 'this recording is not open')
    ownFiles.sweep()
    notices.publish({ kind: 'recordings', message: '' })
    return null
  },
})
