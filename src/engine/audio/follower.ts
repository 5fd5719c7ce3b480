import { basename } from 'node:path'
import { EngineError } from '../../contract/errors.ts'
import type { FileState } from '../../contract/file-state.ts'
import { fileIdentity } from '../store/file-identity.ts'
import type { Opened } from './audio.ts'
import { findFile } from './find-file.ts'
import { shownName } from './shown-name.ts'

/** Keeps open recordings and their files together: looked after when sound is needed and when somebody asks, not more often than this. */
const restMilliseconds = 2000

export interface Follower {
  /** what became of the file; null where the recording is not open */
  look(id: string): Promise<FileState | null>
  /** throws EngineError `bad-recording` (changed) or `not-found` (gone) */
  check(id: string): Promise<void>
}

export interface FollowerOptions {
  /** folders that are searched besides the file's own */
  folders?: readonly string[]
  /** hears a sentence when a file was found under another name */
  onMoved?: (message: string) => void
}

const sentences = {
  here: () => '',
  changed: (name: string) => `${name} has changed since it was opened; open it anew to see and hear what it holds now`,
  gone: (name: string) => `${name} was removed or moved away; what was computed is still shown, its sound is not`,
}

/** `all` is changed where a file was found elsewhere: the recording has its new path, and its new name if it had the old one's. */
export const createFollower = (all: Map<string, Opened>, { folders, onMoved }: FollowerOptions): Follower => {
  const looks = new Map<string, { at: number; path: string; found: Promise<FileState | null> }>()

  const find = async (id: string): Promise<FileState | null> => {
    const opened = all.get(id)
    if (!opened) return null
    const found = await findFile(opened, folders)
    if (found.state === 'here' && all.get(id) === opened) follow(opened, found.path)
    return { recording: id, state: found.state, message: sentences[found.state](shownName(opened.recording.name)) }
  }
  const follow = (opened: Opened, path: string): void => {
    const { recording } = opened
    const identity = fileIdentity(path)
    if (path === opened.path && identity === opened.identity) return
    const name = recording.name === basename(opened.path) ? basename(path) : recording.name
    all.set(recording.id, { ...opened, path, identity, recording: { ...recording, name } })
    if (name !== recording.name) onMoved?.(`${shownName(recording.name)} is called ${shownName(name)} now`)
  }
  const look = (id: string): Promise<FileState | null> => {
    const path = all.get(id)?.path ?? ''
    const last = looks.get(id)
    if (last && last.path === path && performance.now() - last.at < restMilliseconds) return last.found
    const found = find(id)
    looks.set(id, { at: performance.now(), path, found })
    found.catch(() => looks.delete(id))
    return found
  }
  return {
    look,
    check: async (id) => {
      const seen = await look(id)
      if (seen && seen.state !== 'here')
        throw new EngineError(seen.state === 'gone' ? 'not-found' : 'bad-recording', seen.message)
    },
  }
}
