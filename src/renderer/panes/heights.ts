import { computed, ref } from 'vue'

/** Heights of the panes' bodies in pixels, from the window's: they never depend on what is loaded. */
const windowHeight = ref(window.innerHeight)
window.addEventListener('resize', () => (windowHeight.value = window.innerHeight))

/** top bar, what is locked, status line, column head, and five panes' headers, borders and gaps */
const chrome = 384
/** `scores`: the text pane of a CTC head, which has a map under its characters */
const shares = { waveform: 0.09, spectrogram: 0.18, hidden: 0.18, attention: 0.39, text: 0.16, scores: 0.2 }
const least = { waveform: 48, spectrogram: 88, hidden: 84, attention: 212, text: 86, scores: 132 }

export type PaneKind = keyof typeof shares
export const paneHeight = (kind: PaneKind) =>
  computed(() => Math.round(Math.max(least[kind], (windowHeight.value - chrome) * shares[kind])))
