import { defineStore } from 'pinia'
import { watch } from 'vue'
import type { HeadMetrics } from '../../contract/engine.ts'
import type { Baseline } from '../../contract/run.ts'

/** How things are shown. Kept in the browser's storage; nothing here changes a number. */
export interface Settings {
  theme: 'system' | 'dark' | 'light'
  /** one colour range for all columns */
  rangesLocked: boolean
  spectrogram: 'stft' | 'features'
  hidden: {
    view: 'map' | 'similarity' | 'trajectory'
    measure: 'cka' | 'cosine'
    side: 'encoder' | 'decoder'
    /** counted from the last: null is the last layer of whatever model is chosen */
    layer: number | null
    first: number
    dimensions: number
    contrast: 'full' | 'most'
  }
  attention: {
    kind: 'encoder' | 'decoder' | 'cross'
    layer: number | null
    head: number | 'mean' | 'max'
    extent: 'steps' | 'region' | 'all'
    scale: 'linear' | 'log'
  }
  /** every head of every layer beside the map, instead of the layer's heads */
  atlas: {
    shown: boolean
    metric: keyof HeadMetrics
    order: 'place' | 'most' | 'least'
  }
  /** what stands beside the maps of hidden states and attention */
  beside: 'nothing' | Baseline
  loop: boolean
  sideShown: boolean
}

const initial: Settings = {
  theme: 'system',
  rangesLocked: true,
  spectrogram: 'stft',
  hidden: {
    view: 'map',
    measure: 'cka',
    side: 'encoder',
    layer: null,
    first: 0,
    dimensions: 128,
    contrast: 'most',
  },
  attention: { kind: 'encoder', layer: null, head: 'mean', extent: 'region', scale: 'log' },
  atlas: { shown: false, metric: 'distance', order: 'place' },
  beside: 'nothing',
  loop: false,
  sideShown: true,
}

const place = 'otoscope.settings.1'

const load = (): Settings => {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Settings>
    return {
      ...structuredClone(initial),
      ...kept,
      hidden: { ...initial.hidden, ...kept.hidden },
      attention: { ...initial.attention, ...kept.attention },
      atlas: { ...initial.atlas, ...kept.atlas },
    }
  } catch {
    return structuredClone(initial)
  }
}

export const useSettings = defineStore('settings', { state: load })

export const keepSettings = (settings: ReturnType<typeof useSettings>): void => {
  watch(
    () => settings.$state,
    (state) => {
      try {
        localStorage.setItem(place, JSON.stringify(state))
      } catch {
        // storage may be denied; settings then last as long as the page
      }
    },
    { deep: true },
  )
}
