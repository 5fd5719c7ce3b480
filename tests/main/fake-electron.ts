import { EventEmitter } from 'node:events'

/** A recorder in the place of the `electron` module: what was asked of it, and the callbacks it was given. */

type Callback = (...input: never[]) => unknown

const setter = () => {
  const set = (callback: Callback): void => {
    set.callback = callback
  }
  set.callback = undefined as Callback | undefined
  return set
}

export class FakeContents extends EventEmitter {
  openHandler: Callback = () => undefined
  posted: { channel: string; ports: unknown[] }[] = []
  session = {
    setPermissionRequestHandler: setter(),
    setPermissionCheckHandler: setter(),
    setDevicePermissionHandler: setter(),
    setDisplayMediaRequestHandler: setter(),
    webRequest: { onBeforeRequest: setter() },
  }
  setWindowOpenHandler(callback: Callback): void {
    this.openHandler = callback
  }
  postMessage(channel: string, _message: unknown, ports: unknown[]): void {
    this.posted.push({ channel, ports })
  }
}

export class BrowserWindow extends EventEmitter {
  static made: BrowserWindow[] = []
  static fromWebContents = (contents: FakeContents): BrowserWindow | null =>
    BrowserWindow.made.find((window) => window.webContents === contents) ?? null
  webContents = new FakeContents()
  loaded = ''
  options: { webPreferences: Record<string, unknown> }
  constructor(options: { webPreferences: Record<string, unknown> }) {
    super()
    this.options = options
    BrowserWindow.made.push(this)
  }
  loadURL(url: string): Promise<void> {
    this.loaded = url
    return Promise.resolve()
  }
  show(): void {
    this.emit('show')
  }
  progress: number[] = []
  setProgressBar(fraction: number): void {
    this.progress.push(fraction)
  }
}

export const app = { userData: '', getPath: () => app.userData }

/** Turns bytes around: enough to tell what is encrypted from what is not. */
export const safeStorage = {
  available: true,
  locked: false,
  backend: 'gnome_libsecret',
  isAsyncEncryptionAvailable: () => Promise.resolve(safeStorage.available),
  getSelectedStorageBackend: () => safeStorage.backend,
  encryptStringAsync: (text: string) =>
    safeStorage.locked ? Promise.reject(new Error('locked')) : Promise.resolve(Buffer.from(text).reverse()),
  decryptStringAsync: (bytes: Buffer) =>
    safeStorage.locked
      ? Promise.reject(new Error('locked'))
      : Promise.resolve({ shouldReEncrypt: false, result: Buffer.from(bytes).reverse().toString() }),
}

export const protocol = {
  schemes: [] as unknown[],
  handle: setter(),
  registerSchemesAsPrivileged: (schemes: unknown[]) => protocol.schemes.push(...schemes),
}

export const ipcMain = {
  listeners: new Map<string, Callback>(),
  on: (channel: string, callback: Callback) => ipcMain.listeners.set(channel, callback),
  handle: (channel: string, callback: Callback) => ipcMain.listeners.set(channel, callback),
}

export const dialog = {
  answer: { filePaths: [] as string[], filePath: '' },
  asked: [] as unknown[],
  showOpenDialog: (_window: unknown, options: unknown) => {
    dialog.asked.push(options)
    return Promise.resolve(dialog.answer)
  },
  showSaveDialog: (_window: unknown, options: unknown) => {
    dialog.asked.push(options)
    return Promise.resolve(dialog.answer)
  },
}

export const clipboard = {
  written: [] as unknown[],
  write: (items: unknown[]) => Promise.resolve(clipboard.written.push(...items)),
}
export class ClipboardItem {
  items: Record<string, Blob>
  constructor(items: Record<string, Blob>) {
    this.items = items
  }
}

export class MessageChannelMain {
  static posted: unknown[] = []
  port1 = Object.assign(new EventEmitter(), {
    start: () => undefined,
    postMessage: () => undefined,
    close: () => undefined,
  })
  port2 = Object.assign(new EventEmitter(), {
    start: () => undefined,
    postMessage: (message: unknown) => void MessageChannelMain.posted.push(message),
    close: () => undefined,
  })
}

export class FakeUtility extends EventEmitter {
  messages: { message: unknown; ports: unknown[] }[] = []
  killed = false
  postMessage(message: unknown, ports: unknown[]): void {
    this.messages.push({ message, ports })
  }
  kill(): void {
    this.killed = true
    this.emit('exit', 0)
  }
}
export const utilityProcess = {
  forked: [] as { entry: string; child: FakeUtility }[],
  fork: (entry: string) => {
    const child = new FakeUtility()
    utilityProcess.forked.push({ entry, child })
    return child
  },
}
