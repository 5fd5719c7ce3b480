import { describe, expect, it } from 'vitest'
import { readFileSync } from 'node:fs'
import { firstOnset, onsetLead, onsetRate, pickOnsets, spectralFlux } from '../../src/signal/onset.ts'
import { loadJson } from '../golden/load.ts'

/** Beside numpy's numbers (tools/make-compare-goldens.py), and on sounds whose onset is known. */

const golden = loadJson<{ onset: { flux: number[]; frames: number[]; first: number } }>(
  new URL('../golden/compare.json', import.meta.url),
).onset
const file = readFileSync(new URL('../golden/clip.wav', import.meta.url))
/** 16-bit samples after a header of 44 bytes */
const clip = Float32Array.from({ length: (file.length - 44) / 2 }, (_, i) => file.readInt16LE(44 + 2 * i) / 32_768)
/** what stands before the clip is silence */
const led = (samples: Float32Array): Float32Array => {
  const all = new Float32Array(onsetLead + samples.length)
  all.set(samples, onsetLead)
  return all
}
const seconds = (length: number): Float32Array => new Float32Array(Math.round(length * onsetRate))

describe('spectral flux', () => {
  const flux = spectralFlux(led(clip.subarray(0, 2 * onsetRate)))
  it('is numpy’s', () => {
    expect(flux).toHaveLength(golden.flux.length)
    for (const [n, value] of golden.flux.entries()) expect(Math.abs(flux[n]! - value), `frame ${n}`).toBeLessThan(1e-4)
  })
  it('has numpy’s onsets', () => expect(pickOnsets(flux)).toEqual(golden.frames))
  it('says the first to a millisecond', () =>
    expect(firstOnset(led(clip.subarray(0, 2 * onsetRate)))).toBe(golden.first))
})

describe('the first onset', () => {
  it.each([0, 0.003, 0.5, 1.2345, 1.99])('of silence with a click at %d s is the click', (at) => {
    const samples = seconds(2)
    const sample = Math.round(at * onsetRate)
    samples.set([0.9, -0.9, 0.9, -0.9], sample)
    samples[Math.round(1.995 * onsetRate)] = 0.1
    expect(Math.abs(firstOnset(led(samples))! - sample)).toBeLessThan(onsetRate / 1000)
  })
  it('is found under noise that goes on all the time', () => {
    let seed = 3
    const samples = seconds(3).map((_, i) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      const tone = i >= 1.5 * onsetRate ? 0.4 * Math.sin((2 * Math.PI * 700 * i) / onsetRate) : 0
      return 0.005 * (seed / 2 ** 30 - 1) + tone
    })
    expect(Math.abs(firstOnset(led(samples))! / onsetRate - 1.5)).toBeLessThan(0.01)
  })
  it('is not that of a sound that was there before', () => {
    const hum = new Float32Array(onsetLead + onsetRate).map(
      (_, i) => 0.3 * Math.sin((2 * Math.PI * 200 * i) / onsetRate),
    )
    hum[onsetLead + 8000] = 0.9
    expect(Math.abs(firstOnset(hum)! - 8000)).toBeLessThan(onsetRate / 1000)
  })
  it('is none of silence, of one sample and of nothing', () => {
    for (const length of [2, 1 / onsetRate, 0]) expect(firstOnset(led(seconds(length)))).toBeNull()
  })
})
