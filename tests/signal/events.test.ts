import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  createEventFrames,
  eventHop,
  eventLead,
  eventRate,
  eventTail,
  findEvents,
  measureFrames,
} from '../../src/signal/events.ts'
import { loadJson } from '../golden/load.ts'

/** Beside numpy's numbers (tools/make-region-goldens.py), and on sounds whose events are known. */

type Events = Record<string, [number, number][]>
const golden = loadJson<{ least: number; made: Events; clip: Events }>(
  new URL('../golden/regions.json', import.meta.url),
)

const file = readFileSync(new URL('../golden/clip.wav', import.meta.url))
/** 16-bit samples after a header of 44 bytes */
const clip = Float32Array.from({ length: (file.length - 44) / 2 }, (_, i) => file.readInt16LE(44 + 2 * i) / 32_768)

const made = (): Float32Array => {
  const samples = new Float64Array(8 * eventRate)
  for (const at of [0.5, 1.2345]) samples[Math.round(at * eventRate)] = 0.9
  for (const [start, end, hertz, decay] of [
    [2, 2.4, 700, 0],
    [3.1, 4.6, 1500, 6],
    [5, 5.2, 300, 0],
    [5.3, 5.6, 900, 0],
    [7.5, 9, 440, 0],
  ] as const)
    for (let i = 0; i < samples.length; i++) {
      const t = i / eventRate
      if (t >= start && t < end) samples[i]! += 0.4 * Math.exp(-decay * (t - start)) * Math.sin(2 * Math.PI * hertz * t)
    }
  let seed = 3n
  return Float32Array.from(samples, (value) => {
    seed = (seed * 1_103_515_245n + 12_345n) % 2n ** 31n
    return value + 0.001 * (Number(seed) / 2 ** 30 - 1)
  })
}

/** Seconds of the events, measured `framesPerPiece` frames at a time. */
const eventsOf = (samples: Float32Array, sensitivity: number, framesPerPiece = 64): [number, number][] => {
  const count = Math.max(1, Math.ceil(samples.length / eventHop))
  const frames = createEventFrames(count)
  for (let first = 0; first < count; first += framesPerPiece) {
    const piece = new Float32Array(eventLead + framesPerPiece * eventHop + eventTail)
    const from = first * eventHop - eventLead
    piece.set(samples.subarray(Math.max(0, from), from + piece.length), Math.max(0, -from))
    measureFrames(frames, piece, first, Math.min(framesPerPiece, count - first))
  }
  const search = findEvents(frames, { sensitivity, leastSamples: golden.least * eventRate })
  for (;;) {
    const { value, done } = search.next()
    if (done) return value.map(([start, end]) => [start / eventRate, end / eventRate])
  }
}

describe.each([
  ['made', made()],
  ['clip', clip],
] as const)('events of the sound %s', (name, samples) => {
  it.each(Object.keys(golden[name]))('at sensitivity %s are numpy’s, within a frame', (sensitivity) => {
    const [found, wanted] = [eventsOf(samples, Number(sensitivity)), golden[name][sensitivity]!]
    expect(found).toHaveLength(wanted.length)
    for (const [i, [start, end]] of wanted.entries()) {
      expect(Math.abs(found[i]![0] - start), `start ${i}`).toBeLessThanOrEqual(eventHop / eventRate)
      expect(Math.abs(found[i]![1] - end), `end ${i}`).toBeLessThanOrEqual(eventHop / eventRate)
    }
  })
  it('do not depend on how the sound was cut into pieces', () =>
    expect(eventsOf(samples, 0.5, 37)).toEqual(eventsOf(samples, 0.5, 10_000)))
})

describe('events', () => {
  it('begin where a sound begins and end where it has fallen silent', () => {
    const found = eventsOf(made(), 0.5)
    const near = (at: number): [number, number] | undefined => found.find(([start]) => Math.abs(start - at) < 0.025)
    for (const at of [0.5, 1.2345]) {
      expect(Math.abs(near(at)![0] - at)).toBeLessThan(0.001)
      expect(near(at)![1]).toBeCloseTo(at + 0.01, 2)
    }
    expect(near(2)![1]).toBeCloseTo(2.4, 1)
    expect(near(5)![1]).toBeCloseTo(5.2, 1)
    // 20 dB take 0.38 s
    expect(near(3.1)![1]).toBeCloseTo(3.48, 1)
    // what still sounds at the end ends there
    expect(near(7.5)![1]).toBe(8)
  })
  it('are none of silence, of noise that never changes much, and of nothing', () => {
    for (const samples of [new Float32Array(eventRate), new Float32Array(1), new Float32Array(0)])
      expect(eventsOf(samples, 1)).toEqual([])
  })
})
