import { EngineError } from '../../contract/errors.ts'
import type { RawFormat } from '../../contract/raw-format.ts'
import type { RawFile } from '../../contract/raw.ts'
import { checkFile } from './check-file.ts'
import { readBeginning } from './decode.ts'
import { endingOf, guessRaw, isRawName } from './guess-raw.ts'
import { chooseRaw } from './raw-decoding.ts'
import { shownName } from './shown-name.ts'
import { sniff } from './sniff.ts'

/** Files without a header that wait until somebody has said how they are to be read. */
export interface RawFiles {
  /** throws EngineError `no-decoder` where nothing could read it */
  add(path: string, name: string, guess?: RawFormat): Promise<RawFile>
  /** throws EngineError `not-found` */
  waiting(id: number): RawFile & { path: string }
  leave(id: number): void
  paths(): string[]
  /** hears the whole list at once and whenever it changes */
  subscribe(listener: (files: RawFile[]) => void): () => void
}

export const createRawFiles = (): RawFiles => {
  const files = new Map<number, RawFile & { path: string }>()
  const listeners = new Set<(files: RawFile[]) => void>()
  let next = 0
  const list = (): RawFile[] => [...files.values()].map(({ id, name, bytes, guess }) => ({ id, name, bytes, guess }))
  const tell = (): void => listeners.forEach((listener) => listener(list()))
  return {
    add: async (path, name, read) => {
      const { size } = await checkFile(path, shownName(name))
      const guess = read ?? (await guessRaw(path, name))
      await chooseRaw({ path, name: shownName(name) }, { ...guess, encoding: 'u8', channels: 1 })
      const file = { id: next++, name, bytes: size, guess }
      files.set(file.id, { ...file, path })
      tell()
      return file
    },
    waiting: (id) => {
      const found = files.get(id)
      if (!found) throw new EngineError('not-found', 'this file waits no longer: open it again')
      return found
    },
    leave: (id) => {
      if (files.delete(id)) tell()
    },
    paths: () => [...files.values()].map(({ path }) => path),
    subscribe: (listener) => {
      listeners.add(listener)
      listener(list())
      return () => void listeners.delete(listener)
    },
  }
}

/** Names of formats with a header: one that cannot be read is damaged. */
const withHeader =
  /^(wav|wave|rf64|w64|flac|mp[1-4]|m4[abv]|aac|og[agv]|opus|aiff?|aifc|caf|au|snd|mk[av]|webm|avi|wma|wmv|asf|wv|amr|awb|e?ac3|ape|tta|ts|mov|mpe?g|3gp)$/

const isKnown = async (path: string): Promise<boolean> => {
  const sniffed = sniff(await readBeginning(path))
  return 'container' in sniffed && sniffed.container !== 'unknown'
}

/** Whether a file is said to have no header, and shows none. */
export const isHeaderless = async (path: string, name: string): Promise<boolean> =>
  isRawName(name) && !(await isKnown(path))

/** Whether a file that could not be opened may be one without a header. */
export const mayBeRaw = async (path: string, name: string): Promise<boolean> => {
  if (isRawName(name)) return true
  const sniffed = sniff(await readBeginning(path))
  return 'container' in sniffed && sniffed.container === 'unknown' && !withHeader.test(endingOf(name))
}
