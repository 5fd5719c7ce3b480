import { join } from 'node:path'
import { BrowserWindow, type Session, type WebContents } from 'electron'
import { root } from '../engine/paths.ts'
import { pageUrl } from './protocol.ts'

/** A sandboxed window that can show our page and go nowhere else. */
export const openWindow = (): BrowserWindow => {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    title: 'Otoscope',
    backgroundColor: '#15181c',
    webPreferences: {
      preload: join(root, 'out', 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  })
  lockNavigation(window.webContents)
  lockSession(window.webContents.session)
  window.once('ready-to-show', () => window.show())
  void window.loadURL(pageUrl)
  return window
}

const lockNavigation = (contents: WebContents): void => {
  const prevent = (event: { preventDefault(): void }): void => event.preventDefault()
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', prevent)
  contents.on('will-frame-navigate', prevent)
  contents.on('will-redirect', prevent)
  contents.on('will-attach-webview', prevent)
}

/** Electron grants every permission by default, and a page of ours needs none; nor does it ever need the network. */
const lockSession = (session: Session): void => {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}))
  session.webRequest.onBeforeRequest((details, answer) =>
    answer({ cancel: !/^(app|devtools|blob|data):/.test(details.url) }),
  )
}
