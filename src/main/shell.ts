import { writeFile } from 'node:fs/promises'
import {
  BrowserWindow,
  ClipboardItem,
  clipboard,
  dialog,
  ipcMain,
  type FileFilter,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  type OpenDialogOptions,
} from 'electron'
import { EngineError } from '../contract/errors.ts'
import type { CopyProgress } from '../contract/host.ts'
import type { Recording } from '../contract/recording.ts'
import { soundInputs } from '../contract/model.ts'
import type { EngineProcess } from './engine.ts'
import { keepToken } from './keychain.ts'

/** Main's side of the shell calls (contract/shell.ts). Paths enter here, from dialogs and drops, and go to the engine only. */
export const serveShell = (engine: () => EngineProcess): void => {
  const open = async (paths: string[]): Promise<Recording[]> => {
    const opened = await Promise.all(
      paths.map((path) => engine().client['files.open']({ path, ask: true }).catch(waits)),
    )
    return opened.filter((recording) => recording !== null)
  }

  ipcMain.on('shell:connect', (event) => {
    checkSender(event)
    engine().connectWindow(event.sender)
  })
  handle('shell:openDialog', async (window) => {
    const { filePaths } = await dialog.showOpenDialog(window, {
      title: 'Open recordings',
      properties: ['openFile', 'multiSelections'],
    })
    return open(filePaths)
  })
  handle('shell:openPaths', (_window, paths) => open(strings(paths)))
  serveModelCalls(engine)
  handle('shell:keepToken', async (_window, token) => {
    if (token !== null && (typeof token !== 'string' || token === ''))
      throw new EngineError('bad-input', 'keepToken needs a token, or null')
    // the engine says whether it can be a token at all: what it refuses is not kept
    await engine().client['hub.keychain']({ token })
    if (await keepToken(token)) return true
    await engine().client['hub.keychain']({ token: null })
    return false
  })
  handle('shell:chooseCacheFolder', async (window) => {
    const { filePaths } = await dialog.showOpenDialog(window, {
      title: 'Choose where results are stored',
      properties: ['openDirectory', 'createDirectory'],
    })
    const [path] = filePaths
    return path === undefined ? null : engine().client['settings.cacheFolder']({ path })
  })
  handle('shell:save', async (window, name, bytes) => {
    if (typeof name !== 'string' || !(bytes instanceof Uint8Array))
      throw new EngineError('bad-input', 'save needs a name and bytes')
    const { filePath } = await dialog.showSaveDialog(window, { defaultPath: name })
    if (!filePath) return false
    await writeFile(filePath, bytes)
    return true
  })
  handle('shell:copyImage', async (_window, png) => {
    if (!(png instanceof Uint8Array)) throw new EngineError('bad-input', 'copyImage needs the bytes of a PNG')
    await clipboard.write([new ClipboardItem({ 'image/png': new Blob([new Uint8Array(png)], { type: 'image/png' }) })])
  })
}

/** The page asks how a file without a header is to be read. */
const waits = (error: unknown): null => {
  if (error instanceof EngineError && error.detail['rawFile']) return null
  throw error
}

/** A model's files come and go by dialogs; how far a copy is shows on the window's icon. */
const serveModelCalls = (engine: () => EngineProcess): void => {
  handle('shell:importModel', async (window, kind, mapped) => {
    const asked = typeof kind === 'string' ? importDialogs.get(kind) : undefined
    if (!asked) throw new EngineError('bad-input', 'importModel takes a folder or an archive')
    const input = soundInputs.find((known) => known === mapped)
    if (mapped !== undefined && !input)
      throw new EngineError('bad-input', `an input is one of ${soundInputs.join(', ')}`)
    const { filePaths } = await dialog.showOpenDialog(window, asked)
    const [path] = filePaths
    if (path === undefined) return null
    const wanted = { path, ...(input && { mapping: { input } }) }
    return showingCopy(window, (options) => engine().client['models.import'](wanted, options))
  })
  handle('shell:exportModel', async (window, model) => {
    if (typeof model !== 'string' || model === '') throw new EngineError('bad-input', 'exportModel needs a model')
    const { filePath } = await dialog.showSaveDialog(window, {
      title: 'Export a model',
      defaultPath: `${model.replace(/[^\w.-]/g, '-')}.tar`,
      filters: archives,
    })
    if (!filePath) return false
    const path = /\.tar$/i.test(filePath) ? filePath : `${filePath}.tar`
    await showingCopy(window, (options) => engine().client['models.export']({ model, path }, options))
    return true
  })
}

const archives: FileFilter[] = [{ name: 'Model archives', extensions: ['tar'] }]

const importDialogs = new Map<string, OpenDialogOptions>([
  ['folder', { title: 'Import a model folder', properties: ['openDirectory'] }],
  ['archive', { title: 'Import a model archive', properties: ['openFile'], filters: archives }],
])

const showingCopy = async <T>(
  window: BrowserWindow,
  copy: (options: { onPart: (progress: CopyProgress) => void }) => Promise<T>,
): Promise<T> => {
  try {
    return await copy({ onPart: ({ bytes, total }) => window.setProgressBar(total > 0 ? bytes / total : 0) })
  } finally {
    window.setProgressBar(-1)
  }
}

const handle = (channel: string, answer: (window: BrowserWindow, ...input: unknown[]) => unknown): void =>
  ipcMain.handle(channel, (event, ...input: unknown[]) => {
    checkSender(event)
    const window = BrowserWindow.fromWebContents(event.sender)
    if (!window) throw new EngineError('internal', 'a call came from a page without a window')
    return answer(window, ...input)
  })

/** Only our own page in its main frame may call. */
const checkSender = (event: IpcMainEvent | IpcMainInvokeEvent): void => {
  const frame = event.senderFrame
  if (!frame || frame.parent || frame.origin !== 'app://main')
    throw new EngineError('bad-input', 'a call from a foreign page was refused')
}

const strings = (value: unknown): string[] => {
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string'))
    throw new EngineError('bad-input', 'openPaths needs a list of paths')
  return value
}
