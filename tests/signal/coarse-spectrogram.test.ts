import { describe, expect, test } from 'vitest'
import type { Range } from '../../src/contract/tensor.ts'
import {
  chunkFrames,
  coarseBins,
  coarseFramesOf,
  createCoarse,
  decibelsOf,
  poolCoarse,
  type Coarse,
} from '../../src/signal/coarse-spectrogram.ts'
import { frequencyRows } from '../../src/signal/frequency-rows.ts'
import { createStft, decibels, defaultStft, fillFrame, pooledColumns } from '../../src/signal/stft.ts'
import { createRandom } from '../../src/signal/random.ts'

const rate = 16_000
const make = (samples: Float32Array, block: number): Coarse => {
  const builder = createCoarse()
  for (let at = 0; at < samples.length; at += block) builder.push([samples.subarray(at, at + block)])
  return builder.finish()
}
const byteOf = ({ chunks }: Coarse, frame: number, bin: number): number =>
  chunks[Math.floor(frame / chunkFrames)]![(frame % chunkFrames) * coarseBins + bin]!

describe('a coarse spectrogram', () => {
  const random = createRandom(7)
  const noise = Float32Array.from({ length: 50_000 }, () => random() - 0.5)
  const coarse = make(noise, 65_536)

  test('has the frames of the default window, one every 4096 samples, to half a decibel', () => {
    expect([coarse.hop, coarse.frames]).toEqual([4096, Math.ceil(50_000 / 4096)])
    const four = createStft(defaultStft)
    for (const frame of [0, 5, 12]) {
      fillFrame(four.frames[0]!, noise, frame * 4096 - 512)
      four.run()
      const power = four.powers[0]!
      for (const bin of [0, 1, 100, 512])
        expect(Math.abs(decibelsOf(byteOf(coarse, frame, bin)) - decibels(power[bin]!))).toBeLessThan(0.26)
    }
  })

  test('is the same in whatever blocks the sound comes', () => {
    for (const block of [1, 700, 1024, 4097, 30_000])
      expect(make(noise.subarray(0, 20_000), block)).toEqual(make(noise.subarray(0, 20_000), 65_536))
  })

  test('has no frame centred behind the end', () => {
    expect(make(noise.subarray(0, 4096), 5000).frames).toBe(1)
    expect(make(noise.subarray(0, 4097), 5000).frames).toBe(2)
    expect(make(new Float32Array(0), 5000).frames).toBe(0)
  })

  test('stays under 65,536 frames: the hop doubles, and every second frame goes', () => {
    const long = createCoarse()
    const [quiet, click] = [new Float32Array(4096 * 1024), new Float32Array(4096 * 1024)]
    // the middle of frame 1024 i + 512
    click[512 * 4096] = 1
    for (let i = 0; i < 70; i++) long.push([i % 2 === 0 ? click : quiet])
    const { hop, frames, chunks } = long.finish()
    expect([hop, frames]).toEqual([8192, 70 * 512])
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(frames * coarseBins)
    for (const i of [0, 1, 62, 64, 65, 68]) {
      const loud = byteOf({ hop, frames, chunks }, 512 * i + 256, 100) > 0
      expect(loud, `block ${i}`).toBe(i % 2 === 0)
    }
  })
})

test('columns are pooled from the frames that lie in them, rows from bins', () => {
  const tone = Float32Array.from({ length: 100 * 4096 }, (_, n) =>
    n > 50 * 4096 ? Math.sin((2 * Math.PI * 1000 * n) / rate) : 0,
  )
  const coarse = make(tone, 65_536)
  const rows = frequencyRows(defaultStft, rate, 4096)
  // frames of hop 256 by 32: two coarse ones each
  const columns = pooledColumns([0, 1600], 50)
  const raster = poolCoarse(coarse, (number) => coarse.chunks[number]!, columns, 256, rows)
  expect([raster.rows, raster.columns, raster.source]).toEqual([513, 50, { rows: [0, 513], columns: [0, 1600] }])
  const row = [...raster.data.subarray(64 * 50, 65 * 50)]
  expect(row.slice(0, 25).every((value) => value === -120)).toBe(true)
  expect(row.slice(26).every((value) => Math.abs(value) < 0.26)).toBe(true)
  expect(coarseFramesOf(coarse, [32, 64] as Range, 256)).toEqual([2, 4])
  expect(coarseFramesOf(coarse, [5000, 5001], 256)).toEqual([99, 100])
})
