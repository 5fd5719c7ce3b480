import { basename } from 'node:path'
import type { EngineHandlers } from '../../contract/engine.ts'
import { EngineError } from '../../contract/errors.ts'
import type { HostHandlers } from '../../contract/host.ts'
import { fileNameOf, type Recording } from '../../contract/recording.ts'
import type { OpenOptions } from '../audio/open.ts'
import { previewRaw } from '../audio/preview-raw.ts'
import { isHeaderless, mayBeRaw } from '../audio/raw-files.ts'
import { shownName } from '../audio/shown-name.ts'
import type { EngineParts } from '../parts.ts'

type Name = 'raw.waiting' | 'raw.preview' | 'raw.open' | 'raw.leave' | 'raw.again'

/** Files without a header: seen, read in one way, and in another. */
export const rawHandlers = ({
  rawFiles,
  ownFiles,
  sounds,
  openings,
  notices,
}: EngineParts): Pick<EngineHandlers, Name> => ({
  'raw.waiting': (publish) => rawFiles.subscribe(publish),
  'raw.preview': ({ file, format, columns }, { signal }) => previewRaw(rawFiles.waiting(file), format, columns, signal),
  'raw.open': async ({ file, format }, { signal }) => {
    const { path, name } = rawFiles.waiting(file)
    const recording = await ownFiles.during(path, () => {
      // from now on it is an opening as any other: with its progress, and to be cancelled
      rawFiles.leave(file)
      return openings.follow(name, signal, (following) => sounds.open(path, { name, raw: format, ...following }))
    })
    notices.publish({ kind: 'recordings', message: '' })
    return recording
  },
  'raw.leave': ({ file }) => {
    rawFiles.leave(file)
    ownFiles.sweep()
    return null
  },
  'raw.again': async ({ recording: id }) => {
    const { path, recording } = sounds.opened(id)
    if (!recording.raw)
      throw new EngineError('bad-input', `${shownName(recording.name)} has a header that says how it is read`)
    const name = fileNameOf(recording)
    await rawFiles.add(path, name, recording.raw)
    return null
  },
})

/**
 * Opens a file by its path. One without a header is read as it was the last time, where somebody can be asked; where it was not, it waits, and
 * the error's detail has it as `rawFile`.
 */
export const openByPath = async (
  { sounds, store, rawFiles }: EngineParts,
  { path, name = basename(path), channel, raw, ask }: Parameters<HostHandlers['files.open']>[0],
  following: Pick<OpenOptions, 'signal' | 'onHeard'>,
): Promise<Recording> => {
  const open = (format = raw): Promise<Recording> => sounds.open(path, { name, channel, raw: format, ...following })
  if (raw) return open()
  const failed = (await isHeaderless(path, name).catch(() => false))
    ? new EngineError(
        'bad-recording',
        `${shownName(name)} has no header: it must be said how it is to be read, such as --raw s16le:48000:2`,
      )
    : await open().catch((error: unknown) => error as Error)
  if (!(failed instanceof Error)) return failed
  if (!ask || !(failed instanceof EngineError) || failed.code !== 'bad-recording') throw failed
  if (!(await mayBeRaw(path, name).catch(() => false))) throw failed
  const known = store.reading(await sounds.hash(path, following.signal))
  if (known) return open(known)
  throw new EngineError(failed.code, failed.message, { rawFile: await rawFiles.add(path, name) })
}
