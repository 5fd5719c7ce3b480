import { writeFile } from 'node:fs/promises'
import {
  BrowserWindow,
  ClipboardItem,
  clipboard,
  dialog,
  ipcMain,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
} from 'electron'
import { EngineError } from '../contract/errors.ts'
import type { EngineProcess } from './engine.ts'

/** Main's side of the six shell calls (contract/shell.ts). Paths enter here, from dialogs and drops, and go to the engine only. */
export const serveShell = (engine: () => EngineProcess): void => {
  const open = (paths: string[]) => Promise.all(paths.map((path) => engine().client['files.open']({ path })))

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
  handle('shell:importModel', async (window) => {
    const { filePaths } = await dialog.showOpenDialog(window, {
      title: 'Import a model folder',
      properties: ['openDirectory'],
    })
    const [path] = filePaths
    return path === undefined ? null : engine().client['models.import']({ path })
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
