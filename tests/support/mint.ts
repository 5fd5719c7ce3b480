import type { Pixels } from './workbench.ts'

const isMint = ([red, green, blue]: number[]): boolean =>
  Math.abs(red! - 127) < 14 && Math.abs(green! - 240) < 14 && Math.abs(blue! - 196) < 14
/** the topmost pixel of the curve over a spectrogram: where the greatest weight is */
export const peakOfCurve = (picture: Pixels): { x: number; y: number } | null => {
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++) if (isMint(picture.at(x, y))) return { x, y }
  return null
}
