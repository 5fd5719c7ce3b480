import { defineStore } from 'pinia'
import { watch } from 'vue'
import type { HeadMetrics } from '../../contract/engine.ts'
import type { WeightKind } from '../../contract/weights.ts'
import type { Range } from '../../contract/tensor.ts'
import type { Stft } from '../../contract/spectrogram.ts'
import type { DimensionOrder } from '../../contract/hidden.ts'
import type { Baseline } from '../../contract/run.ts'

/** How things are shown. Kept in the browser's storage; nothing here changes what a model computed. */
export interface Settings {
  theme: 'system' | 'dark' | 'light'
  /** one colour range for all columns */
  rangesLocked: boolean
  spectrogram: 'stft' | 'features'
  /** what waveforms and spectrograms show and what is played: the recording, or what the model hears of its region */
  sound: 'recording' | 'model'
  /** `hop`: frames a window long; `range`: dB shown below the top */
  stft: Omit<Stft, 'hop'> & { hop: 'auto' | 2 | 4 | 8 | 16; range: number; map: 'magma' | 'viridis' | 'grey' }
  /** one range of the spectrogram's frequencies for all columns */
  frequenciesLocked: boolean
  /** of column 0 … 3 in Hz, the first column's for all while they are locked; null for all there are */
  frequencies: (Range | null)[]
  hidden: {
    view: 'map' | 'layers' | 'dimension' | 'similarity' | 'trajectory'
    measure: 'cka' | 'cosine'
    /** what layers are compared with: each other, the next column's, or those of `model <id>` over the same recording */
    comparedWith: string
    side: 'encoder' | 'decoder'
    /** counted from the last: null is the last layer of whatever model is chosen */
    layer: number | null
    /** rows of the map: the first, and how many, counted in their order */
    first: number
    dimensions: number
    order: DimensionOrder
    /** the one that is drawn as a curve */
    dimension: number
    contrast: 'full' | 'most'
  }
  attention: {
    kind: 'encoder' | 'decoder' | 'cross'
    layer: number | null
    head: number | 'mean' | 'max' | 'alignment'
    extent: 'steps' | 'region' | 'all'
    weights: WeightKind
    /** without padding, rows scaled to sum to 1 */
    audioOnly: boolean
    contrast: 'log' | 'linear' | 'percentile' | 'row'
    /** the pinned moment's row and column over waveform and spectrogram */
    curves: boolean
  }
  /** every head of every layer beside the map, instead of the layer's heads */
  atlas: {
    shown: boolean
    /** a number, or each head's map */
    metric: keyof HeadMetrics | 'maps'
    /** `size`: the greatest difference first, whatever its sign */
    order: 'place' | 'most' | 'least' | 'size'
    /** column A's numbers less the column's own */
    difference: boolean
    /** of a number in its shown unit (`limitsKey`): heads outside are left out */
    limits: Record<string, { least: number | null; most: number | null }>
  }
  /** attention over the spectrogram, from a special token by its number or from the patch of a band and the moment looked at */
  patches: { shown: boolean; from: number | 'patch'; band: number }
  /** of a classifier's labels: by score, or as the first column has them */
  labelOrder: 'score' | 'first'
  /** what stands beside the maps of hidden states and attention */
  beside: 'nothing' | Baseline
  loop: boolean
  /** what dragged and typed edges of regions are drawn to */
  snap: 'off' | 'zero' | 'steps'
  /** the lists of named regions */
  regionsShown: boolean
  /** of playing, 0.25 … 2 */
  speed: number
  keepPitch: boolean
  matchLevels: boolean
  sideShown: boolean
}

const initial: Settings = {
  theme: 'system',
  rangesLocked: true,
  spectrogram: 'stft',
  sound: 'recording',
  stft: { size: 1024, hop: 'auto', window: 'hann', scale: 'linear', range: 80, map: 'magma' },
  frequenciesLocked: true,
  frequencies: [null, null, null, null],
  hidden: {
    view: 'map',
    measure: 'cka',
    comparedWith: 'own',
    side: 'encoder',
    layer: null,
    first: 0,
    dimensions: 128,
    order: 'index',
    dimension: 0,
    contrast: 'most',
  },
  attention: {
    kind: 'encoder',
    layer: null,
    head: 'mean',
    extent: 'region',
    weights: 'raw',
    audioOnly: false,
    contrast: 'log',
    curves: true,
  },
  atlas: { shown: false, metric: 'distance', order: 'place', difference: false, limits: {} },
  patches: { shown: false, from: 0, band: 0 },
  labelOrder: 'score',
  beside: 'nothing',
  loop: false,
  snap: 'off',
  regionsShown: false,
  speed: 1,
  keepPitch: true,
  matchLevels: false,
  sideShown: true,
}

const place = 'otoscope.settings.1'

const load = (): Settings => {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Settings>
    return {
      ...structuredClone(initial),
      ...kept,
      stft: { ...initial.stft, ...kept.stft },
      hidden: { ...initial.hidden, ...kept.hidden },
      attention: { ...initial.attention, ...kept.attention },
      atlas: { ...initial.atlas, ...kept.atlas },
      patches: { ...initial.patches, ...kept.patches },
    }
  } catch {
    return structuredClone(initial)
  }
}

export const useSettings = defineStore('settings', {
  state: load,
  getters: {
    frequenciesOf:
      (state) =>
      (column: number): Range | null =>
        state.frequencies[state.frequenciesLocked ? 0 : column] ?? null,
  },
  actions: {
    showFrequencies(column: number, range: Range | null): void {
      this.frequencies = this.frequencies.map((old, i) => (this.frequenciesLocked || i === column ? range : old))
    },
    lockFrequencies(locked: boolean): void {
      this.frequenciesLocked = locked
      if (locked) this.frequencies = this.frequencies.map(() => this.frequencies[0] ?? null)
    },
  },
})

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
