import { expect, test, vi } from 'vitest'

vi.mock('electron', () => import('./fake-electron.ts'))
const { BrowserWindow } = await import('./fake-electron.ts')
const { openWindow } = await import('../../src/main/windows.ts')

const made = () => {
  openWindow()
  return BrowserWindow.made.at(-1)!
}

test('the window is sandboxed, isolated and loads our own page only', () => {
  const window = made()
  expect(window.loaded).toBe('app://main/index.html')
  expect(window.options.webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    webSecurity: true,
    webviewTag: false,
    navigateOnDragDrop: false,
  })
  expect(window.options.webPreferences.preload).toMatch(/out.preload.index\.cjs$/)
})

test('it opens no other window and follows no link, frame, redirect or webview', () => {
  const { webContents } = made()
  expect(webContents.openHandler()).toEqual({ action: 'deny' })
  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
    const preventDefault = vi.fn()
    webContents.emit(name, { preventDefault })
    expect(preventDefault, name).toHaveBeenCalledOnce()
  }
})

test('it grants no permission and reaches no network', () => {
  const { session } = made().webContents
  const answer = vi.fn()
  session.setPermissionRequestHandler.callback!(null as never, 'camera' as never, answer as never)
  expect(answer).toHaveBeenCalledWith(false)
  expect(session.setPermissionCheckHandler.callback!()).toBe(false)
  expect(session.setDevicePermissionHandler.callback!()).toBe(false)
  const cancelled = (url: string): boolean => {
    let cancel = false
    session.webRequest.onBeforeRequest.callback!(
      { url } as never,
      ((reply: { cancel: boolean }) => (cancel = reply.cancel)) as never,
    )
    return cancel
  }
  expect(cancelled('https://example.org/')).toBe(true)
  expect(cancelled('file:///etc/passwd')).toBe(true)
  expect(cancelled('app://main/index.html')).toBe(false)
})
