/** Black or white, whichever stands out more on "#rrggbb" (WCAG 2 relative luminance). */
export const textColourOn = (background: string): '#000000' | '#ffffff' => {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(background.slice(at, at + 2), 16) / 255))
  // where both have the same contrast: (L + 0.05)² = 1.05 × 0.05
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! > 0.179 ? '#000000' : '#ffffff'
}

const linear = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
