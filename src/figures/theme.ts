import type { Theme } from './figure.ts'

/** The colours and letters of a picture that are not data. */
export interface Look {
  background: string
  plot: string
  text: string
  quiet: string
  line: string
  hatch: string
  veil: string
}

export const looks: Record<Theme, Look> = {
  dark: {
    background: '#171a1e',
    plot: '#0c0d10',
    text: '#e8eaed',
    quiet: '#a3acb6',
    line: '#4a535e',
    hatch: '#6a737d',
    veil: '#20252b',
  },
  light: {
    background: '#ffffff',
    plot: '#fafbfc',
    text: '#15181c',
    quiet: '#525c67',
    line: '#8b95a1',
    hatch: '#a6aeb8',
    veil: '#e9ecef',
  },
  print: {
    background: '#ffffff',
    plot: '#ffffff',
    text: '#111111',
    quiet: '#444444',
    line: '#555555',
    hatch: '#999999',
    veil: '#eeeeee',
  },
}

/** The family that exports embed; screens fall back to what they have. */
export const fontFamily = 'DejaVu Sans'

/** Curves of recordings A to D (workbench.md: blue, coral and two that stay apart for colour-blind eyes), dark enough for paper. */
const accents = ['#2f6fb5', '#d1495b', '#6f42a8', '#a07a00'] as const
export const accentOf = (index: number): string => accents[index % accents.length]!
