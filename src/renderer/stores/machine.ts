import { defineStore } from 'pinia'
import { markRaw } from 'vue'
import type { LibraryCard } from '../../contract/libraries.ts'
import { isCancelled, messageOf } from '../../contract/errors.ts'
import type { ProviderId, RunProgress, Verdict } from '../../contract/run.ts'
import type { SettingsCard, SettingsChange } from '../../contract/settings.ts'
import { engine } from '../engine.ts'
import { useLibrary } from './library.ts'
import type { RunRequest } from './window-requests.ts'

/** This machine: what its accelerators were found to do, the libraries they need, and what the person decided about it. */

let flight: AbortController | null = null

export const useMachine = defineStore('machine', {
  state: () => ({
    /** by model, newest first */
    verdicts: {} as Record<string, Verdict[]>,
    comparing: null as { provider: ProviderId; progress: RunProgress } | null,
    libraries: null as LibraryCard[] | null,
    settings: null as SettingsCard | null,
    /** what failed, by the part of the panel it belongs to */
    failures: { devices: '', verdicts: '', compare: '', libraries: '', settings: '' },
  }),
  actions: {
    async attempt(part: keyof typeof this.failures, work: () => Promise<void>): Promise<void> {
      this.failures[part] = ''
      try {
        await work()
      } catch (error) {
        if (!isCancelled(error)) this.failures[part] = messageOf(error)
      }
    },
    async load(model: string | null): Promise<void> {
      await Promise.all([
        this.attempt('devices', () => useLibrary().loadDevices()),
        this.loadLibraries(),
        this.loadSettings(),
        model === null ? undefined : this.loadVerdicts(model),
      ])
    },
    async loadVerdicts(model: string): Promise<void> {
      await this.attempt('verdicts', async () => {
        this.verdicts[model] = (await engine['devices.verdicts']({ model })).map(markRaw)
      })
    },
    async loadLibraries(): Promise<void> {
      await this.attempt('libraries', async () => {
        this.libraries = await engine['devices.libraries']({})
      })
    },
    async uninstall(library: string): Promise<void> {
      await this.attempt('libraries', async () => {
        await engine['devices.uninstall']({ library })
      })
      if (!this.failures.libraries) await this.seeLibraries()
    },
    /** with new libraries a device may start that did not, and the other way round */
    async seeLibraries(): Promise<void> {
      await Promise.all([this.loadLibraries(), this.attempt('devices', () => useLibrary().loadDevices(true))])
    },
    async loadSettings(): Promise<void> {
      await this.attempt('settings', async () => {
        this.settings = await engine['settings.read']({})
      })
    },
    /** true where the change was taken */
    async change(change: SettingsChange): Promise<boolean> {
      await this.attempt('settings', async () => {
        this.settings = await engine['settings.change'](change)
        await useLibrary().loadSystem()
      })
      return this.failures.settings === ''
    },
    async chooseCacheFolder(): Promise<void> {
      await this.attempt('settings', async () => {
        this.settings = (await window.shell?.chooseCacheFolder()) ?? this.settings
      })
    },
    async compare(request: RunRequest, provider: ProviderId): Promise<void> {
      if (this.comparing) return
      const mine = (flight = new AbortController())
      this.comparing = { provider, progress: { stage: 'waiting', done: 0, total: 0 } }
      await this.attempt('compare', async () => {
        const onPart = (progress: RunProgress): void => {
          this.comparing = { provider, progress }
        }
        await engine['devices.compare']({ ...request, device: provider }, { signal: mine.signal, onPart })
        await this.loadVerdicts(request.model)
      })
      this.comparing = null
    },
    cancelCompare(): void {
      flight?.abort()
    },
  },
})
