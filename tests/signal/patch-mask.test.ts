import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeWavFrames, readWavLayout } from '../../src/formats/wav.ts'
import { gainAt, gainsOf } from '../../src/signal/gain.ts'
import { kaldiFilters } from '../../src/signal/kaldi.ts'
import { maskSize, maskSound } from '../../src/signal/masked-stft.ts'
import { largestError, loadJson } from '../golden/load.ts'
import { bandPlaces, meanOverBands, patchMask } from '../../src/signal/patch-mask.ts'

/** Filters 100 Hz apart from 100 Hz on; patches of 3 filters, 2 apart. */
const centres = Float32Array.from({ length: 8 }, (_, i) => 100 * (i + 1))
const layout = { first: 0, size: 3, step: 2 }
const places = bandPlaces(centres, layout, 3, { bins: 21, rate: 2000 }) // a bin every 50 Hz

test('a bin lies where its filter does among the middles of the patches', () => {
  // patches are centred at 200, 400 and 600 Hz and see filters of 100 to 700 Hz
  expect([4, 8, 12].map((bin) => places[bin])).toEqual([0, 1, 2])
  expect(places[6]).toBe(0.5)
  expect(places[2]).toBe(-0.5)
})

test('what no patch sees has no place', () => {
  expect([0, 1, 15, 20].every((bin) => Number.isNaN(places[bin]))).toBe(true)
  expect(Number.isNaN(places[14])).toBe(false)
})

test('gains fade between patches in time and frequency, and are held beyond the outermost', () => {
  const mask = { gains: Float32Array.from([1, 0, 0, 0, 0.5, 1]), bands: 3, columns: 2 }
  const into = new Float64Array(21)
  patchMask(mask, places, (sample) => sample / 10, 0)(0, into)
  expect([2, 4, 6, 8, 12, 14, 20].map((bin) => into[bin])).toEqual([1, 1, 0.5, 0, 0.5, 0.5, 0])
  patchMask(mask, places, (sample) => sample / 10, 1)(5, into)
  expect([4, 12, 20].map((bin) => into[bin])).toEqual([0.5, 0.75, 1])
  expect([...meanOverBands(mask)]).toEqual([0.5, 0.3333333432674408])
})

/** What numpy and scipy make of the same sound and weights (tools/make-hearing-goldens.py). */
const golden = loadJson<{ seconds: number; every: number; weights: number[]; time: number[]; patches: number[] }>(
  new URL('../golden/hearing.json', import.meta.url),
)
const rate = 16_000
const clip = (): Float32Array => {
  const bytes = new Uint8Array(readFileSync(new URL('../golden/clip.wav', import.meta.url)))
  const layout = readWavLayout((at, length) => bytes.subarray(at, at + length), bytes.length)
  return decodeWavFrames(layout, bytes.subarray(layout.dataStart))[0]!.slice(0, golden.seconds * rate)
}
/** AST's columns: a step of 100 ms, the first centred at 87.5 ms */
const columnAt = (sample: number): number => (sample / rate - 0.0875) / 0.1
const kept = (samples: Float32Array): Float32Array => samples.filter((_, n) => n % golden.every === 0)

test('patches of the golden clip', () => {
  const [bands, columns] = [12, golden.weights.length / 12]
  const size = maskSize(rate)
  const places = bandPlaces(kaldiFilters(128, rate).centres, { first: 0, size: 16, step: 10 }, bands, {
    bins: size / 2 + 1,
    rate,
  })
  const gains = gainsOf(Float32Array.from(golden.weights), 'attended')
  const going = maskSound(clip(), size, patchMask({ gains, bands, columns }, places, columnAt, 0))
  let next = going.next()
  while (!next.done) next = going.next()
  expect(largestError(kept(next.value), golden.patches)).toBeLessThan(1e-6)
})

test('a gain in time over the golden clip', () => {
  const columns = golden.weights.length / 12
  const line = new Float32Array(columns)
  golden.weights.forEach((weight, i) => (line[i % columns]! += weight))
  const gains = gainsOf(line, 'attended')
  const heard = clip().map((sample, n) => sample * gainAt(gains, columnAt(n)))
  expect(largestError(kept(heard), golden.time)).toBeLessThan(1e-6)
})
