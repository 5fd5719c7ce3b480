import { describe, expect, it } from 'vitest'
import { logMel } from '../../src/signal/log-mel.ts'

const options = { bands: 80, rate: 16000, fftSize: 400, hop: 160, samples: 32000 }

describe('logMel', () => {
  it('pads to the given length and centres frame j on sample 160 j', () => {
    const click = new Float32Array(16000)
    click[8000] = 1
    const { data, frames } = logMel(click, options)
    expect(frames).toBe(200)
    const energy = Array.from({ length: frames }, (_, j) => data[40 * frames + j]!)
    expect(energy.indexOf(Math.max(...energy))).toBe(50)
  })

  it('keeps nothing further than 8 powers of ten below the loudest', () => {
    const tone = Float32Array.from({ length: 8000 }, (_, n) => Math.sin(n / 3))
    const { data } = logMel(tone, options)
    const [low, high] = [Math.min(...data), Math.max(...data)]
    expect(high - low).toBeCloseTo(2, 6)
  })

  it('is −1.5 everywhere on silence', () => {
    expect(logMel(new Float32Array(500), options).data.every((value) => value === -1.5)).toBe(true)
  })

  it('takes a single sample', () => {
    const { data } = logMel(Float32Array.of(0.5), options)
    expect(data.every(Number.isFinite)).toBe(true)
  })

  it('mirrors both ends of a clip of full length', () => {
    const half = Float32Array.from({ length: 32000 }, (_, n) => Math.sin(n * n))
    const { data, frames } = logMel(half, options)
    expect(data.every(Number.isFinite)).toBe(true)
    expect(frames).toBe(200)
  })

  it('refuses a longer clip', () => {
    expect(() => logMel(new Float32Array(32001), options)).toThrow('32001 samples, more than the 32000')
  })
})
