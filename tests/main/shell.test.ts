import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import type { EngineProcess } from '../../src/main/engine.ts'

vi.mock('electron', () => import('./fake-electron.ts'))
const {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  MessageChannelMain,
  safeStorage,
  utilityProcess,
  FakeContents,
} = await import('./fake-electron.ts')
const { serveShell } = await import('../../src/main/shell.ts')
const { startEngine } = await import('../../src/main/engine.ts')

app.userData = mkdtempSync(join(tmpdir(), 'shell-'))
afterAll(() => rmSync(app.userData, { recursive: true }))

const opened: string[] = []
const asked: [string, unknown][] = []
type Options = { onPart?: (progress: { file: string; bytes: number; total: number }) => void }
/** Answers at once and remembers what it was asked, as an engine behind a port would. */
const answering =
  (name: string, answer: unknown) =>
  (input: unknown, options?: Options): Promise<unknown> => {
    asked.push([name, input])
    options?.onPart?.({ file: 'onnx/model.onnx', bytes: 1, total: 4 })
    return Promise.resolve(answer)
  }
const engine = {
  client: {
    'files.open': ({ path }: { path: string }) => Promise.resolve(opened.push(path)),
    'models.import': answering('models.import', { id: 'm' }),
    'models.export': answering('models.export', null),
    'settings.cacheFolder': answering('settings.cacheFolder', { notes: [] }),
    'hub.keychain': ({ token }: { token: string | null }) => {
      if (token?.includes(' ')) return Promise.reject(new Error('that is no access token'))
      return answering('hub.keychain', null)({ token })
    },
  },
  connectWindow: vi.fn(),
} as unknown as EngineProcess
serveShell(() => engine)

const window = new BrowserWindow({ webPreferences: {} })
const ours = { sender: window.webContents, senderFrame: { parent: null, origin: 'app://main' } }
const call = async (channel: string, event: unknown, ...input: unknown[]): Promise<unknown> =>
  ipcMain.listeners.get(channel)!(event as never, ...(input as never[]))

test('a drop and a dialog hand their paths to the engine and to nothing else', async () => {
  dialog.answer.filePaths = ['/a/thunder.mp3']
  await call('shell:openDialog', ours)
  await call('shell:openPaths', ours, ['/b/chimes.mp3'])
  expect(opened).toEqual(['/a/thunder.mp3', '/b/chimes.mp3'])
})

test('a call from a frame, another origin or a page without a window is refused', async () => {
  const foreign = [
    { sender: window.webContents, senderFrame: { parent: {}, origin: 'app://main' } },
    { sender: window.webContents, senderFrame: { parent: null, origin: 'https://example.org' } },
    { sender: window.webContents, senderFrame: null },
    { sender: new FakeContents(), senderFrame: { parent: null, origin: 'app://main' } },
  ]
  for (const event of foreign) await expect(call('shell:openPaths', event, ['/etc/passwd'])).rejects.toThrow()
  await expect(call('shell:connect', foreign[1])).rejects.toThrow('foreign page')
  expect(opened).toHaveLength(2)
})

test('what is saved is what the person chose, and a dismissed dialog saves nothing', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'shell-')), 'figure.svg')
  dialog.answer.filePath = path
  expect(await call('shell:save', ours, 'figure.svg', new TextEncoder().encode('<svg/>'))).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('<svg/>')
  dialog.answer.filePath = ''
  expect(await call('shell:save', ours, 'figure.svg', new Uint8Array(1))).toBe(false)
})

test('input of the wrong kind is refused', async () => {
  await expect(call('shell:openPaths', ours, 'not a list')).rejects.toThrow('list of paths')
  await expect(call('shell:save', ours, 5, new Uint8Array(1))).rejects.toThrow('name and bytes')
  await expect(call('shell:copyImage', ours, 'text')).rejects.toThrow('PNG')
})

test('an image goes to the clipboard as a PNG', async () => {
  await call('shell:copyImage', ours, new Uint8Array([137, 80, 78, 71]))
  expect(clipboard.written).toHaveLength(1)
})

const last = (): [string, unknown] | undefined => asked.at(-1)

test('a model is imported from the folder or archive the person chose, and the window shows how far it is', async () => {
  dialog.answer.filePaths = ['/stick/whisper.tar']
  expect(await call('shell:importModel', ours, 'archive')).toEqual({ id: 'm' })
  expect(dialog.asked.at(-1)).toMatchObject({ properties: ['openFile'], filters: [{ extensions: ['tar'] }] })
  expect(last()).toEqual(['models.import', { path: '/stick/whisper.tar' }])
  expect(window.progress).toEqual([0.25, -1])
  await call('shell:importModel', ours, 'folder')
  expect(dialog.asked.at(-1)).toMatchObject({ properties: ['openDirectory'] })
  await call('shell:importModel', ours, 'folder', 'log-mel')
  expect(last()).toEqual(['models.import', { path: '/stick/whisper.tar', mapping: { input: 'log-mel' } }])
  await expect(call('shell:importModel', ours, 'folder', 'picture')).rejects.toThrow('an input is one of waveform')
  dialog.answer.filePaths = []
  expect(await call('shell:importModel', ours, 'folder')).toBeNull()
  await expect(call('shell:importModel', ours, '/etc')).rejects.toThrow('a folder or an archive')
  expect(asked).toHaveLength(3)
})

test('a model is exported to the archive the person named, under the ending an archive has', async () => {
  dialog.answer.filePath = '/stick/mine'
  expect(await call('shell:exportModel', ours, 'somebody/whisper')).toBe(true)
  expect(dialog.asked.at(-1)).toMatchObject({ defaultPath: 'somebody-whisper.tar' })
  expect(last()).toEqual(['models.export', { model: 'somebody/whisper', path: '/stick/mine.tar' }])
  dialog.answer.filePath = ''
  expect(await call('shell:exportModel', ours, 'whisper')).toBe(false)
  await expect(call('shell:exportModel', ours, 7)).rejects.toThrow('needs a model')
  expect(asked).toHaveLength(4)
})

test('where results are stored is the folder the person chose', async () => {
  dialog.answer.filePaths = ['/big/disk']
  expect(await call('shell:chooseCacheFolder', ours)).toEqual({ notes: [] })
  expect(last()).toEqual(['settings.cacheFolder', { path: '/big/disk' }])
  dialog.answer.filePaths = []
  expect(await call('shell:chooseCacheFolder', ours)).toBeNull()
})

const token = 'hf_secretsecret'
const kept = join(app.userData, 'hub-token')

test('a token is kept encrypted, given to the engine, and given again to every engine that starts', async () => {
  expect(await call('shell:keepToken', ours, token)).toBe(true)
  expect(last()).toEqual(['hub.keychain', { token }])
  expect(readFileSync(kept, 'utf8')).not.toContain(token)
  MessageChannelMain.posted.length = 0
  startEngine(vi.fn()).close()
  await vi.waitFor(() => expect(JSON.stringify(MessageChannelMain.posted)).toContain(token))
  expect(JSON.stringify(MessageChannelMain.posted)).toContain('hub.keychain')
  expect(await call('shell:keepToken', ours, null)).toBe(true)
  expect(last()).toEqual(['hub.keychain', { token: null }])
  expect(readdirSync(app.userData)).toEqual([])
})

test('without a keychain nothing is kept, and the page is told', async () => {
  const real = process.platform
  Object.defineProperty(process, 'platform', { value: 'linux' })
  for (const lack of [{ available: false }, { backend: 'basic_text' }, { backend: 'unknown' }, { locked: true }]) {
    const whole = { available: true, backend: 'gnome_libsecret', locked: false }
    Object.assign(safeStorage, lack)
    expect(await call('shell:keepToken', ours, token), JSON.stringify(lack)).toBe(false)
    expect(last()).toEqual(['hub.keychain', { token: null }])
    expect(existsSync(kept)).toBe(false)
    Object.assign(safeStorage, whole)
  }
  Object.defineProperty(process, 'platform', { value: real })
})

test('a token that a locked keychain cannot read is neither given nor lost', async () => {
  await call('shell:keepToken', ours, token)
  safeStorage.locked = true
  MessageChannelMain.posted.length = 0
  startEngine(vi.fn()).close()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(JSON.stringify(MessageChannelMain.posted)).not.toContain('hub.keychain')
  safeStorage.locked = false
  expect(existsSync(kept)).toBe(true)
})

test('what is no token is neither kept nor repeated in the error', async () => {
  await call('shell:keepToken', ours, null)
  const failed = call('shell:keepToken', ours, 'two words')
  await expect(failed).rejects.toThrow('that is no access token')
  await expect(failed).rejects.not.toThrow('two words')
  for (const wrong of ['', 5, undefined])
    await expect(call('shell:keepToken', ours, wrong)).rejects.toThrow('a token, or null')
  expect(existsSync(kept)).toBe(false)
})

test('every call that brings a path or a token is refused to a foreign page', async () => {
  const foreign = { sender: window.webContents, senderFrame: { parent: null, origin: 'https://example.org' } }
  const before = asked.length
  for (const [channel, input] of [
    ['shell:importModel', 'folder'],
    ['shell:exportModel', 'whisper'],
    ['shell:keepToken', token],
    ['shell:chooseCacheFolder', undefined],
  ] as const)
    await expect(call(channel, foreign, input), channel).rejects.toThrow('foreign page')
  expect(asked).toHaveLength(before)
})

test('the engine is a utility process whose windows get a port each, and whose death is told', () => {
  const gone = vi.fn()
  const process = startEngine(gone)
  const { entry, child } = utilityProcess.forked.at(-1)!
  expect(entry).toMatch(/engine.process\.ts$/)
  process.connectWindow(window.webContents as never)
  expect(child.messages.map(({ message }) => message)).toEqual([{ role: 'host' }, { role: 'window' }])
  expect(window.webContents.posted).toMatchObject([{ channel: 'engine-port' }])
  child.emit('exit', 7)
  expect(gone).toHaveBeenCalledWith(7)
  process.close()
  expect(child.killed).toBe(true)
  expect(gone).toHaveBeenCalledOnce()
})
