import { BrowserWindow, Menu, app, dialog } from 'electron'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { EngineError, messageOf } from '../contract/errors.ts'
import { startEngine, type EngineProcess } from './engine.ts'
import { registerScheme, servePage } from './protocol.ts'
import { serveShell } from './shell.ts'
import { openWindow } from './windows.ts'

/** Lifecycle only: one engine, one window, files from the command line. */

app.enableSandbox()
registerScheme()
if (!app.requestSingleInstanceLock()) app.quit()

let engine: EngineProcess

/** An engine that ends sooner than this never stood, and would not the next time. */
const startMilliseconds = 5000

const start = (): void => {
  const began = performance.now()
  engine = startEngine((code) => {
    if (performance.now() - began < startMilliseconds) {
      dialog.showErrorBox(
        'The engine does not start',
        `The engine process ended at once (code ${code}). Started from a terminal, Otoscope prints why.`,
      )
      return app.exit(1)
    }
    start()
    for (const window of BrowserWindow.getAllWindows()) window.webContents.reload()
    dialog.showErrorBox(
      'The engine ended',
      `The engine process ended (code ${code}) and was started again; runs in progress are lost, stored results are not.`,
    )
  })
}

/** Opens the files named on a command line and says how many; relative names are taken from the folder it was typed in. */
const openFiles = async (argv: string[], folder: string): Promise<number> => {
  const paths = argv
    .slice(app.isPackaged ? 1 : 2)
    .filter((word) => !word.startsWith('-'))
    .map((word) => resolve(folder, word))
  const files = paths.filter((path) => existsSync(path))
  for (const path of files) {
    await engine.client['files.open']({ path, ask: true }).catch((error: unknown) => {
      // the page asks how one without a header is to be read
      const waits = error instanceof EngineError && error.detail['rawFile']
      if (!waits) dialog.showErrorBox('Not opened', messageOf(error))
    })
  }
  return files.length
}

app.on('second-instance', (_event, argv, folder) => {
  const [window] = BrowserWindow.getAllWindows()
  window?.focus()
  void openFiles(argv, folder)
})
app.on('window-all-closed', () => app.quit())
app.on('will-quit', () => engine?.close())

void app.whenReady().then(async () => {
  Menu.setApplicationMenu(
    process.platform === 'darwin'
      ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
      : null,
  )
  servePage()
  start()
  serveShell(() => engine)
  if ((await openFiles(process.argv, process.cwd())) === 0) await engine.client['files.openSamples']({})
  openWindow()
})
