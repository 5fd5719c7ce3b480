import { expect, test } from 'vitest'
import type { Range, Raster } from '../../src/contract/tensor.ts'
import { spectrogram, stftBins, stftBinsWithin, stftFloor, stftFrames, stftHertz } from '../../src/signal/stft.ts'

const draw = (channels: Float32Array[], frames: Range, width = 4096, height = 4096): Raster => {
  const work = spectrogram(frames, width, height)
  let step = work.next()
  while (!step.done) step = work.next({ offset: 0, channels })
  return step.value
}
const rate = 16_000
/** a sine in the middle of bin 64: 1000 Hz */
const tone = Float32Array.from({ length: rate }, (_, n) => Math.sin((2 * Math.PI * 1000 * n) / rate))

test('a sine of amplitude 1 is 0 dB in its own bin', () => {
  const raster = draw([tone], [20, 30])
  expect(raster.rows).toBe(stftBins)
  expect(stftHertz(rate)[64]).toBe(1000)
  const column = Array.from({ length: raster.rows }, (_, row) => raster.data[row * raster.columns + 5]!)
  expect(column.indexOf(Math.max(...column))).toBe(64)
  expect(column[64]).toBeCloseTo(0, 3)
  expect(raster.high).toBeCloseTo(0, 3)
})

test('frame i is centred on sample 256 i: a click is loudest there', () => {
  const click = new Float32Array(rate)
  click[256 * 30] = 1
  const raster = draw([click], [0, stftFrames(rate)])
  const row = [...raster.data.subarray(100 * raster.columns, 101 * raster.columns)]
  expect(row.indexOf(Math.max(...row))).toBe(30)
})

test('only the bins of the frequencies that are wanted are drawn', () => {
  expect(stftBinsWithin(rate, [0, 8000])).toEqual([0, stftBins])
  const bins = stftBinsWithin(rate, [500, 1500])
  expect([...bins].map((bin) => stftHertz(rate)[bin])).toEqual([500, 1515.625])
  expect(stftBinsWithin(rate, [7999, 90_000])).toEqual([stftBins - 1, stftBins])
  const work = spectrogram([20, 30], 4096, 4096, bins)
  let step = work.next()
  while (!step.done) step = work.next({ offset: 0, channels: [tone] })
  const { rows, columns, data, source } = step.value
  expect([rows, source.rows]).toEqual([65, bins])
  const column = Array.from({ length: rows }, (_, row) => data[row * columns + 5]!)
  expect(column.indexOf(Math.max(...column))).toBe(64 - bins[0])
})

test('pooling keeps the maximum of the frames and bins of a cell', () => {
  const full = draw([tone], [0, 40])
  const small = draw([tone], [0, 40], 10, 27)
  expect([small.rows, small.columns]).toEqual([27, 10])
  let most = -Infinity
  for (let bin = 0; bin < 19; bin++)
    for (let frame = 0; frame < 4; frame++) most = Math.max(most, full.data[bin * full.columns + frame]!)
  expect(small.data[0]).toBe(most)
  expect(small.source).toEqual({ rows: [0, stftBins], columns: [0, 40] })
})

test('channels are averaged, as the models hear them', () => {
  const opposite = tone.map((value) => -value)
  expect(draw([tone, opposite], [20, 21]).high).toBe(stftFloor)
  expect(draw([tone, tone], [20, 21]).high).toBeCloseTo(0, 3)
})

test('silence is the floor, and a recording of one sample has one frame', () => {
  expect(draw([new Float32Array(2000)], [0, 8])).toMatchObject({ low: stftFloor, high: stftFloor })
  expect(stftFrames(1)).toBe(1)
  expect(draw([Float32Array.of(0.5)], [0, 1]).columns).toBe(1)
})
