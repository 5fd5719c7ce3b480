import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { EngineProcess } from '../../src/main/engine.ts'

vi.mock('electron', () => import('./fake-electron.ts'))
const { BrowserWindow, clipboard, dialog, ipcMain, utilityProcess, FakeContents } = await import('./fake-electron.ts')
const { serveShell } = await import('../../src/main/shell.ts')
const { startEngine } = await import('../../src/main/engine.ts')

const opened: string[] = []
const engine = {
  client: {
    'files.open': ({ path }: { path: string }) => Promise.resolve(opened.push(path)),
    'models.import': () => Promise.resolve({ id: 'm' }),
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
