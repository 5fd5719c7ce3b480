import { describe, expect, it } from 'vitest'
import { frequencyTicks, rowAt } from '../../../../src/renderer/panes/spectrogram/frequency-ticks.ts'

const linear = Float32Array.from({ length: 513 }, (_, i) => (i * 24000) / 512)
const mel = Float32Array.from({ length: 80 }, (_, i) => 700 * (10 ** (((i + 1) * 2840) / 81 / 2595) - 1))

describe('the frequency axis', () => {
  it('finds rows of linear bins and of mel bands', () => {
    expect(rowAt(linear, 12000)).toBeCloseTo(256, 6)
    const row = rowAt(mel, 1000)!
    expect(mel[Math.floor(row)]!).toBeLessThanOrEqual(1000)
    expect(mel[Math.ceil(row)]!).toBeGreaterThanOrEqual(1000)
    expect(rowAt(linear, 90000)).toBeNull()
  })
  it('has ticks from below upwards that do not touch', () => {
    for (const hertz of [linear, mel]) {
      const ticks = frequencyTicks(hertz)
      expect(ticks[0]!.label).toMatch(/Hz$/)
      for (let i = 1; i < ticks.length; i++) expect(ticks[i]!.at - ticks[i - 1]!.at).toBeGreaterThan(0.1)
    }
  })
})
