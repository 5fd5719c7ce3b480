import { EngineError } from '../../contract/errors.ts'

/**
 * The names of an archive's files, checked as they come: every one a plain file name below one folder, on any system, and
 * none twice. Nothing of an archive is written before its name has passed here.
 */
export interface ArchiveNames {
  /** the name within the model's folder. Throws `bad-model` */
  accept(name: string): string
  /** the one folder that everything lies in; '' before the first name */
  folder(): string
}

/** Windows takes these for devices, with any ending. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

const isPlain = (part: string): boolean =>
  part !== '' &&
  !/^\.|[. ]$/.test(part) &&
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  !/[\u0000-\u001f\u007f\\:*?"<>|]/.test(part) &&
  !reserved.test(part)

const longest = 240
const most = 1000

export const createArchiveNames = (): ArchiveNames => {
  let folder = ''
  const files = new Set<string>()
  const folders = new Set<string>()
  const refuse = (name: string, why: string): EngineError =>
    new EngineError('bad-model', `the archive is refused: it holds ${JSON.stringify(name.slice(0, longest))}, ${why}`)
  return {
    folder: () => folder,
    accept: (name) => {
      const parts = name.split('/')
      if (name.length > longest || !parts.every(isPlain)) throw refuse(name, 'which is no plain file name')
      const [top = '', ...rest] = parts
      folder ||= top
      if (rest.length === 0 || top !== folder || !/^[\w][\w.-]*$/.test(top))
        throw refuse(name, 'and a model is one folder')
      // systems that do not tell capitals apart would write one file over another
      const key = (end: number): string => parts.slice(0, end).join('/').normalize('NFC').toLowerCase()
      const above = parts.slice(1).map((_, i) => key(i + 1))
      if (files.has(key(parts.length)) || folders.has(key(parts.length)) || above.some((one) => files.has(one)))
        throw refuse(name, 'a second time')
      if (files.size >= most) throw refuse(name, `and more than ${most} files`)
      files.add(key(parts.length))
      for (const one of above) folders.add(one)
      return rest.join('/')
    },
  }
}
