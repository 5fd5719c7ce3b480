import { describe, expect, it } from 'vitest'
import { createRealFft } from '../../src/signal/fft.ts'

const noise = (size: number): Float64Array => {
  let state = 12345 + size
  return Float64Array.from({ length: size }, () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 1073741824 - 1
  })
}

const bins = (size: number): Float64Array => new Float64Array(Math.floor(size / 2) + 1)

/** The definition, O(n²). */
const slowDft = (frame: Float64Array) =>
  Array.from(bins(frame.length), (_, k) => {
    let [re, im] = [0, 0]
    frame.forEach((value, n) => {
      const angle = (-2 * Math.PI * ((k * n) % frame.length)) / frame.length
      re += value * Math.cos(angle)
      im += value * Math.sin(angle)
    })
    return { re, im }
  })

const sizes = [1, 2, 3, 4, 5, 6, 8, 9, 15, 16, 25, 30, 64, 75, 120, 225, 400, 512, 600, 1024]

describe('createRealFft', () => {
  it.each(sizes)('equals the definition at %i points', (size) => {
    const frame = noise(size)
    const [re, im] = [bins(size), bins(size)]
    createRealFft(size).transform(frame, re, im)
    slowDft(frame).forEach((bin, k) => {
      expect(Math.abs(re[k]! - bin.re)).toBeLessThan(1e-10)
      expect(Math.abs(im[k]! - bin.im)).toBeLessThan(1e-10)
    })
  })

  it.each([400, 512, 1024, 375])('keeps the energy (Parseval) at %i points', (size) => {
    const frame = noise(size)
    const power = bins(size)
    createRealFft(size).power(frame, power)
    const twice = power.reduce((sum, p, k) => sum + (k === 0 || 2 * k === size ? p : 2 * p), 0)
    const energy = frame.reduce((sum, x) => sum + x * x, 0)
    expect(twice / size / energy).toBeCloseTo(1, 12)
  })

  it('puts a whole-bin sine into its bin and nowhere else', () => {
    const power = bins(400)
    const frame = Float64Array.from({ length: 400 }, (_, n) => Math.sin((2 * Math.PI * 37 * n) / 400))
    createRealFft(400).power(frame, power)
    expect(power[37]).toBeCloseTo(200 * 200, 6)
    expect(Math.max(...power.filter((_, k) => k !== 37))).toBeLessThan(1e-18)
  })

  it('shifts the phase, not the power, when the frame is rotated', () => {
    const frame = noise(512)
    const rotated = Float64Array.from(frame, (_, n) => frame[(n + 100) % 512]!)
    const [one, two] = [bins(512), bins(512)]
    const fft = createRealFft(512)
    fft.power(frame, one)
    fft.power(rotated, two)
    one.forEach((value, k) => expect(two[k]).toBeCloseTo(value, 8))
  })

  it('gives the same bits for the same frame whatever was transformed before', () => {
    const fft = createRealFft(400)
    const [first, second] = [bins(400), bins(400)]
    fft.power(noise(400), first)
    fft.power(new Float64Array(400).fill(3), second)
    fft.power(noise(400), second)
    expect(second).toEqual(first)
  })

  it('passes NaN on instead of hiding it', () => {
    const power = bins(16)
    createRealFft(16).power(new Float64Array(16).fill(Number.NaN), power)
    expect(power.every(Number.isNaN)).toBe(true)
  })

  it.each([0, -4, 2.5, Number.NaN])('refuses %d as a size', (size) => {
    expect(() => createRealFft(size)).toThrow('FFT size must be a positive integer')
  })

  it.each([7, 14, 202])('refuses %i, which has another prime factor', (size) => {
    expect(() => createRealFft(size)).toThrow(`no prime factor but 2, 3 and 5: ${size}`)
  })

  it('refuses arrays of the wrong length', () => {
    const fft = createRealFft(8)
    expect(() => fft.power(new Float64Array(7), new Float64Array(5))).toThrow('frame must hold 8 values, not 7')
    expect(() => fft.power(new Float64Array(8), new Float64Array(8))).toThrow('out must hold 5 values, not 8')
  })
})
