import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { Shell } from '../contract/shell.ts'

/** The bridge and nothing else: one exposed function per shell call; the engine's port is forwarded as a window message. */
const shell: Shell = {
  platform: process.platform,
  connect: () => ipcRenderer.send('shell:connect'),
  openDialog: () => ipcRenderer.invoke('shell:openDialog') as ReturnType<Shell['openDialog']>,
  openDropped: (files) =>
    ipcRenderer.invoke(
      'shell:openPaths',
      files.map((file) => webUtils.getPathForFile(file)),
    ) as ReturnType<Shell['openDropped']>,
  importModel: (kind, input) =>
    ipcRenderer.invoke('shell:importModel', kind, input) as ReturnType<Shell['importModel']>,
  exportModel: (model) => ipcRenderer.invoke('shell:exportModel', model) as Promise<boolean>,
  keepToken: (token) => ipcRenderer.invoke('shell:keepToken', token) as Promise<boolean>,
  chooseCacheFolder: () => ipcRenderer.invoke('shell:chooseCacheFolder') as ReturnType<Shell['chooseCacheFolder']>,
  save: (name, bytes) => ipcRenderer.invoke('shell:save', name, bytes) as Promise<boolean>,
  copyImage: (png) => ipcRenderer.invoke('shell:copyImage', png) as Promise<void>,
}

contextBridge.exposeInMainWorld('shell', shell)

// contextBridge cannot carry ports; the page accepts this message only from its own window.
ipcRenderer.on('engine-port', (event) => window.postMessage('engine-port', location.origin, event.ports))
