import { describe, expect, test } from 'vitest'
import { windowShapes, type Stft, type WindowShape } from '../../src/contract/spectrogram.ts'
import type { Range, Raster } from '../../src/contract/tensor.ts'
import { frequencyRows } from '../../src/signal/frequency-rows.ts'
import {
  defaultStft,
  pooledColumns,
  spectrogram,
  stftBins,
  stftBinsWithin,
  stftFloor,
  stftFrames,
  stftHertz,
  stftTitle,
} from '../../src/signal/stft.ts'
import { loadJson } from '../golden/load.ts'

interface Wanted {
  width?: number
  height?: number
  hertz?: [number, number]
  stft?: Partial<Stft>
}
const draw = (samples: Float32Array, frames: Range, wanted: Wanted = {}): Raster => {
  const stft = { ...defaultStft, ...wanted.stft }
  const columns = pooledColumns(frames, Math.min(wanted.width ?? 4096, frames[1] - frames[0]))
  const work = spectrogram(stft, columns, frequencyRows(stft, rate, wanted.height ?? 4096, wanted.hertz))
  let step = work.next()
  while (!step.done) step = work.next({ offset: 0, samples })
  return step.value
}
const columnOf = ({ rows, columns, data }: Raster, column: number): number[] =>
  Array.from({ length: rows }, (_, row) => data[row * columns + column]!)
const loudest = (values: number[]): number => values.indexOf(Math.max(...values))
const rate = 16_000
/** a sine in the middle of bin 64: 1000 Hz */
const tone = Float32Array.from({ length: rate }, (_, n) => Math.sin((2 * Math.PI * 1000 * n) / rate))

test('a sine of amplitude 1 is 0 dB in its own bin', () => {
  const raster = draw(tone, [20, 30])
  expect(raster.rows).toBe(stftBins(1024))
  expect(stftHertz(rate, 1024)[64]).toBe(1000)
  const column = columnOf(raster, 5)
  expect(loudest(column)).toBe(64)
  expect(column[64]).toBeCloseTo(0, 3)
  expect(raster.high).toBeCloseTo(0, 3)
})

test.each(windowShapes)('it is 0 dB through a window of any shape and length: %s', (window) => {
  for (const size of [256, 8192] as const)
    expect(draw(tone, [30, 31], { stft: { size, window } }).high).toBeCloseTo(0, 3)
})

test('frame i is centred on sample hop · i: a click is loudest there', () => {
  const click = new Float32Array(rate)
  click[256 * 30] = 1
  for (const [stft, frame] of [
    [{}, 30],
    [{ size: 256, hop: 32 }, 240],
    [{ size: 4096, hop: 512 }, 15],
  ] as [Partial<Stft>, number][]) {
    const raster = draw(click, [0, stftFrames(rate, stft.hop ?? 256)], { stft })
    expect(loudest([...raster.data.subarray(100 * raster.columns, 101 * raster.columns)])).toBe(frame)
  }
})

test('only the bins of the frequencies that are wanted are drawn', () => {
  expect(stftBinsWithin(rate, 1024, [0, 8000])).toEqual([0, 513])
  const bins = stftBinsWithin(rate, 1024, [500, 1500])
  expect([...bins].map((bin) => stftHertz(rate, 1024)[bin])).toEqual([500, 1515.625])
  expect(stftBinsWithin(rate, 1024, [7999, 90_000])).toEqual([512, 513])
  const raster = draw(tone, [20, 30], { hertz: [500, 1500] })
  expect([raster.rows, raster.source.rows]).toEqual([65, bins])
  expect(loudest(columnOf(raster, 5))).toBe(64 - bins[0])
})

test('pooling keeps the maximum of the frames and bins of a cell', () => {
  const full = draw(tone, [0, 40])
  const small = draw(tone, [0, 40], { width: 10, height: 27 })
  expect([small.rows, small.columns]).toEqual([27, 10])
  let most = -Infinity
  for (let bin = 0; bin < 19; bin++)
    for (let frame = 0; frame < 4; frame++) most = Math.max(most, full.data[bin * full.columns + frame]!)
  expect(small.data[0]).toBe(most)
  expect(small.source).toEqual({ rows: [0, 513], columns: [0, 40] })
})

describe('rows in octaves or in mel', () => {
  test.each(['log', 'mel'] as const)('%s: a tone is in the row of its frequency, and rows fill the height', (scale) => {
    for (const size of [512, 8192] as const) {
      const raster = draw(tone, [30, 31], { stft: { size, scale }, height: 200 })
      const { hertz, bins, source } = frequencyRows({ size, scale }, rate, 200)
      expect([raster.rows, hertz.length, source]).toEqual([200, 200, [0, 200]])
      const row = loudest(columnOf(raster, 0))
      // to a bin, or to half a row where that is more
      const within = Math.max(rate / size, (hertz[row + 1]! - hertz[row]!) / 1.9)
      expect(Math.abs(hertz[row]! - 1000)).toBeLessThanOrEqual(within)
      expect(bins.every(([first, end]) => end > first && first >= 0 && end <= stftBins(size))).toBe(true)
    }
  })
  test('no bin between them is left out', () => {
    for (const scale of ['log', 'mel'] as const) {
      const { bins } = frequencyRows({ size: 8192, scale }, rate, 100)
      for (let row = 1; row < 100; row++) expect(bins[row]![0]).toBeLessThanOrEqual(bins[row - 1]![1])
    }
  })
  test('octaves are as tall as one another, and begin at 20 Hz or at the first bin', () => {
    const { hertz } = frequencyRows({ size: 8192, scale: 'log' }, rate, 864)
    expect(hertz[0]).toBeCloseTo(20, 0)
    expect(hertz.at(-1)).toBeCloseTo(8000, -2)
    expect(hertz[500]! / hertz[400]!).toBeCloseTo(hertz[300]! / hertz[200]!, 4)
    expect(frequencyRows({ size: 256, scale: 'log' }, rate, 100).hertz[0]).toBeGreaterThan(62)
  })
  test('of a range they have that range', () => {
    const { hertz } = frequencyRows({ size: 2048, scale: 'mel' }, rate, 50, [500, 1500])
    expect(hertz[0]).toBeGreaterThan(500)
    expect(hertz.at(-1)).toBeLessThan(1500)
  })
})

test('silence is the floor, and a recording of one sample has one frame', () => {
  expect(draw(new Float32Array(2000), [0, 8])).toMatchObject({ low: stftFloor, high: stftFloor })
  expect(stftFrames(1, 256)).toBe(1)
  expect(draw(Float32Array.of(0.5), [0, 1]).columns).toBe(1)
})

test('how it was made is said in a few words', () => {
  expect(stftTitle(defaultStft)).toBe('STFT 1024/256 Hann')
  expect(stftTitle({ size: 2048, hop: 256, window: 'kaiser', scale: 'log' })).toBe('STFT 2048/256 Kaiser (β 14) · log')
})

describe('as librosa has it', () => {
  interface Golden {
    tolerance: number
    size: 256
    hop: number
    samples: number
    frames: number[]
    decibels: Record<WindowShape, number[][]>
  }
  const golden = loadJson<Golden>(new URL('../golden/spectrogram.json', import.meta.url))
  const chirp = Float32Array.from(
    { length: golden.samples },
    (_, n) => 0.5 * Math.sin(2 * Math.PI * (0.01 * n + 0.0002 * n * n)),
  )
  test.each(windowShapes)('%s', (window) => {
    const { size, hop } = golden
    const raster = draw(chirp, [0, stftFrames(golden.samples, hop)], { stft: { size, hop, window } })
    for (const [i, frame] of golden.frames.entries())
      for (const [bin, value] of columnOf(raster, frame).entries())
        // power, not dB: what is nearly nothing is nothing exactly
        expect(10 ** (value / 10)).toBeCloseTo(10 ** (golden.decibels[window][i]![bin]! / 10), 6)
  })
})
