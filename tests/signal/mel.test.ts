import { describe, expect, it } from 'vitest'
import { applyBank, kaldiBank, slaneyBank, type MelBank } from '../../src/signal/mel.ts'

const weight = ({ filters }: MelBank, band: number, bin: number): number => {
  const { first, weights } = filters[band]!
  return weights[bin - first] ?? 0
}
const total = ({ filters }: MelBank): number =>
  filters.reduce((sum, { weights }) => sum + weights.reduce((all, value) => all + value, 0), 0)

const whisper = slaneyBank({ bands: 80, bins: 201, rate: 16000, lowest: 0, highest: 8000 })
const ast = kaldiBank({ bands: 128, bins: 257, rate: 16000, lowest: 20, highest: 8000 })

describe('mel filter banks', () => {
  it("hold Hugging Face's numbers: slaney, 80 bands", () => {
    expect(weight(whisper, 0, 1)).toBeCloseTo(0.024862593984176087, 12)
    expect(weight(whisper, 10, 10)).toBeCloseTo(0.019908218880980738, 12)
    expect(weight(whisper, 40, 47)).toBe(0)
    expect(weight(whisper, 79, 195)).toBeCloseTo(0.0022437951379453607, 12)
    expect(total(whisper)).toBeCloseTo(1.9990241029178577, 10)
  })

  it("hold Hugging Face's numbers: Kaldi, 128 bands", () => {
    expect(weight(ast, 1, 2)).toBeCloseTo(0.030966848906488147, 12)
    expect(weight(ast, 64, 60)).toBeCloseTo(0.027679919540126604, 12)
    expect(weight(ast, 127, 254)).toBeCloseTo(0.37324777463918946, 12)
    expect(total(ast)).toBeCloseTo(252.61048129923267, 8)
  })

  it('peak at rising centres inside their range', () => {
    for (const bank of [whisper, ast]) {
      const centres = [...bank.centres]
      expect(centres.every((hertz, band) => hertz > (band ? centres[band - 1]! : 0) && hertz < 8000)).toBe(true)
    }
    expect(whisper.centres[0]).toBeCloseTo(37.24, 1)
  })

  it('add up the energy under each triangle', () => {
    const power = new Float64Array(201)
    power[10] = 2
    const energy = new Float64Array(80)
    applyBank(whisper, power, energy)
    expect(energy[10]).toBeCloseTo(2 * 0.019908218880980738, 12)
    expect(energy.filter((value) => value > 0).length).toBeLessThanOrEqual(2)
  })

  it('leave a band that no bin falls into at zero', () => {
    // 128 Kaldi bands on 257 bins: band 3 lies between two bins
    const energy = new Float64Array(128)
    applyBank(ast, new Float64Array(257).fill(1), energy)
    expect(energy[3]).toBe(0)
    expect(energy[4]).toBeGreaterThan(0)
  })
})
