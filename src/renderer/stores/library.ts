import { defineStore } from 'pinia'
import type { SystemCard } from '../../contract/engine.ts'
import type { Inspection, ModelCard } from '../../contract/model.ts'
import type { Recording } from '../../contract/recording.ts'
import type { DeviceCard } from '../../contract/run.ts'
import { engine } from '../engine.ts'
import { splitModelId } from '../model-id.ts'
import { useNotices } from './notices.ts'

/** What there is: recordings, models, devices, and how the program runs. */
export const useLibrary = defineStore('library', {
  state: () => ({
    recordings: [] as Recording[],
    models: [] as ModelCard[],
    devices: [] as DeviceCard[],
    /** every device has answered */
    devicesKnown: false,
    system: null as SystemCard | null,
    inspections: {} as Record<string, Inspection>,
    loaded: false,
  }),
  getters: {
    recording: (state) => (id: string | null) => state.recordings.find((recording) => recording.id === id) ?? null,
    /** `id:q8` is the model `id`, with other weights */
    model: (state) => (id: string | null) =>
      state.models.find((model) => model.id === id) ??
      state.models.find((model) => id !== null && model.id === splitModelId(id).base) ??
      null,
  },
  actions: {
    async load(): Promise<void> {
      const [recordings, models, system] = await Promise.all([
        engine['recordings.list']({}),
        engine['models.list']({}),
        engine['system.card']({}),
      ])
      Object.assign(this, { recordings, models, system, loaded: true })
    },
    async loadRecordings(): Promise<void> {
      this.recordings = await engine['recordings.list']({})
    },
    async loadModels(): Promise<void> {
      this.models = await engine['models.list']({})
      this.inspections = {}
    },
    /** `devices.list` starts a process to try each provider, so it is asked for once and late; each is shown as it answers */
    async loadDevices(again = false): Promise<void> {
      if (this.devicesKnown && !again) return
      this.devicesKnown = false
      const onPart = (cards: DeviceCard[]): void => {
        this.devices = cards
      }
      this.devices = await engine['devices.list']({ again }, { onPart })
      this.devicesKnown = true
    },
    async loadSystem(): Promise<void> {
      this.system = await engine['system.card']({})
    },
    async inspect(model: string): Promise<void> {
      if (this.inspections[model]) return
      const inspection = await engine['models.inspect']({ model })
      this.inspections = { ...this.inspections, [model]: inspection }
    },
    /** one channel beside the recording, or each */
    async split(recording: string, channel?: number): Promise<void> {
      try {
        await engine['recordings.split']({ recording, channel })
        await this.loadRecordings()
      } catch (error) {
        useNotices().fail(error)
      }
    },
    /** its file is asked about again (raw/RawDialog.vue) */
    async readAgain(recording: string): Promise<void> {
      try {
        await engine['raw.again']({ recording })
      } catch (error) {
        useNotices().fail(error)
      }
    },
    async close(recording: string): Promise<void> {
      try {
        await engine['recordings.close']({ recording })
        await this.loadRecordings()
      } catch (error) {
        useNotices().fail(error)
      }
    },
  },
})
