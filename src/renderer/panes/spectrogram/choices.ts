import { computed } from 'vue'
import type { Stft, WindowShape } from '../../../contract/spectrogram.ts'
import type { ColourMapId } from '../../../figures/figure.ts'
import { useSettings } from '../../stores/settings.ts'

/** What a person may choose about the spectrogram, in words. */

export const shapeText: Record<WindowShape, string> = {
  hann: 'Hann',
  hamming: 'Hamming',
  blackman: 'Blackman',
  kaiser: 'Kaiser, β 14',
}
export const scaleText: Record<Stft['scale'], string> = { linear: 'linear', log: 'logarithmic', mel: 'mel' }
/** one frame every 1/n of the window */
export const hopShares = [2, 4, 8, 16] as const
export const ranges = [40, 60, 80, 100, 120] as const
/** those of energy: others mean attention, or signs */
export const mapText = { magma: 'magma', viridis: 'viridis', grey: 'grey' } satisfies Partial<
  Record<ColourMapId, string>
>

/** Frames a window long: as many as keep a click from falling between two of them. */
export const automaticShare: Record<WindowShape, number> = { hann: 4, hamming: 4, blackman: 8, kaiser: 8 }

/** How the spectrogram is made, from the settings. */
export const useStft = () => {
  const settings = useSettings()
  return computed((): Stft => {
    const { size, hop, window, scale } = settings.stft
    return { size, hop: size / (hop === 'auto' ? automaticShare[window] : hop), window, scale }
  })
}
