import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../../src/engine/store/database.ts'
import { createSounds, type Sounds } from '../../../src/engine/audio/sounds.ts'
import { writeWav } from '../../../src/formats/wav.ts'
import type { SpectrogramMap } from '../../../src/contract/engine.ts'
import { edgeAt, secondsAt } from '../../../src/contract/grid.ts'
import { defaultStft, stftFloor } from '../../../src/signal/stft.ts'
import { folder, put, putWav } from './material.ts'

const rate = 16_000
/** five seconds of silence with a click of 0.9 at 2 s */
const click = (): string => {
  const samples = new Float32Array(5 * rate)
  samples[2 * rate] = 0.9
  return put('click.wav', writeWav({ rate, channels: [samples, samples] }, 'f32'))
}
const map = (
  sounds: Sounds,
  recording: string,
  range: [number, number],
  width: number,
  height: number,
): Promise<SpectrogramMap> => sounds.spectrograms.map({ recording, range, width, height, stft: defaultStft })

// the second is too small for the recording, the third for anything
describe.each([256e6, 600_000, 1000])('with a budget of %i bytes', (budgetBytes) => {
  test('the spectrogram shows it at its time, on a grid in seconds', async () => {
    const sounds = createSounds({ budgetBytes })
    const { id } = await sounds.open(click())
    const { raster, grid, hertz, unit, title } = await map(sounds, id, [1, 3], 4096, 4096)
    const row = [...raster.data.subarray(100 * raster.columns, 101 * raster.columns)]
    const frame = raster.source.columns[0] + row.indexOf(Math.max(...row))
    expect(Math.abs(secondsAt(grid, frame) - 2)).toBeLessThanOrEqual(grid.step / 2)
    expect(grid).toMatchObject({ start: 0, step: 0.016, count: Math.ceil((5 * rate) / 256) })
    expect([hertz.length, hertz[512], unit, title]).toEqual([513, 8000, 'dB', 'STFT 1024/256 Hann'])
  })

  test('a spectrogram covers the whole stretch asked for, however short', async () => {
    const sounds = createSounds({ budgetBytes })
    const { id } = await sounds.open(click())
    for (const [start, end] of [
      [2.001, 2.003],
      [1.99, 2.015],
      [0, 0.02],
    ] as const) {
      const { raster, grid } = await map(sounds, id, [start, end], 100, 50)
      const [first, last] = raster.source.columns
      expect(edgeAt(grid, first)).toBeLessThanOrEqual(start)
      expect(edgeAt(grid, last)).toBeGreaterThanOrEqual(end)
      expect(last - first).toBeLessThanOrEqual(Math.ceil((end - start) / grid.step) + 1)
    }
  })

  test('a spectrogram of the whole is the same however it is read', async () => {
    const path = putWav('noise.wav', { rate, seconds: 5 })
    const small = createSounds({ budgetBytes })
    const large = createSounds()
    const { id } = await small.open(path)
    await large.open(path)
    expect((await map(small, id, [0, 5], 100, 50)).raster).toEqual((await map(large, id, [0, 5], 100, 50)).raster)
  })
})

test('channels are averaged, as the models hear them', async () => {
  const tone = Float32Array.from({ length: rate }, (_, n) => Math.sin((2 * Math.PI * 1000 * n) / rate))
  const opposite = tone.map((value) => -value)
  for (const [name, channels, high] of [
    ['same', [tone, tone], 0],
    ['opposite', [tone, opposite], stftFloor],
  ] as const) {
    const sounds = createSounds()
    const { id } = await sounds.open(put(`${name}.wav`, writeWav({ rate, channels: [...channels] }, 'f32')))
    expect((await map(sounds, id, [0.4, 0.6], 10, 10)).raster.high).toBeCloseTo(high, 3)
  }
})

test('what is asked behind the end of a recording is its last frame', async () => {
  const sounds = createSounds()
  const { id } = await sounds.open(putWav('short.wav', { rate, seconds: 0.01 }))
  expect((await map(sounds, id, [5, 6], 10, 10)).raster.columns).toBe(1)
})

test('tiles of a level join into the whole, and pool those of the level below', async () => {
  const sounds = createSounds()
  const { id } = await sounds.open(putWav('tiles.wav', { rate, seconds: 10 }))
  const tile = (level: number, number: number): Promise<SpectrogramMap> =>
    sounds.spectrograms.tile({ recording: id, level, tile: number, height: 30, stft: defaultStft })
  const whole = await map(sounds, id, [0, 10], 4096, 30)
  const fine = [await tile(0, 0), await tile(0, 1), await tile(0, 2)]
  expect(fine.map(({ raster }) => raster.source.columns)).toEqual([
    [0, 256],
    [256, 512],
    [512, 625],
  ])
  const coarse = await tile(1, 0)
  expect(coarse.raster).toMatchObject({ columns: 256, source: { columns: [0, 512] } })
  for (let row = 0; row < 30; row++) {
    const joined = fine.flatMap(({ raster }) => [
      ...raster.data.subarray(row * raster.columns, (row + 1) * raster.columns),
    ])
    expect(joined).toEqual([...whole.raster.data.subarray(row * 625, (row + 1) * 625)])
    for (let column = 0; column < 256; column++)
      expect(coarse.raster.data[row * 256 + column]).toBe(Math.max(joined[2 * column]!, joined[2 * column + 1]!))
  }
})

test('a column of more frames than are transformed says so', async () => {
  const sounds = createSounds()
  const { id } = await sounds.open(putWav('long.wav', { rate, seconds: 20 }))
  expect((await map(sounds, id, [0, 20], 10, 10)).title).toBe('STFT 1024/256 Hann · one frame in 4')
})

describe('a long recording that was read into a store', () => {
  const long = 48_000
  const clickAt = 43.21
  const noisyMinute = (): string => {
    const samples = Float32Array.from({ length: 60 * long }, (_, n) => 1e-4 * Math.sin(n * n * 1e-7))
    // a tenth of a second at 1 kHz: as long as a coarse hop
    for (let n = 0; n < long / 10; n++) samples[clickAt * long + n] = Math.sin((2 * Math.PI * 1000 * n) / long)
    return put('minute.wav', writeWav({ rate: long, channels: [samples] }, 'f32'))
  }

  test('is shown whole from its coarse spectrogram, and near from the sound, at the same place', async () => {
    const store = openStore(join(folder, 'store'))
    const path = noisyMinute()
    const { id } = await createSounds({ known: store, coarse: store }).open(path)
    expect(store.findCoarse(id)).toEqual({ hop: 4096, frames: Math.ceil((60 * long) / 4096) })
    // opened again it is read from the store
    const sounds = createSounds({ known: store, coarse: store })
    await sounds.open(path)
    const place = async (level: number, stft = defaultStft): Promise<{ at: number; title: string }> => {
      const wide = 2 ** level
      const tile = Math.floor((clickAt * long) / 256 / wide / 256)
      const { raster, title } = await sounds.spectrograms.tile({ recording: id, level, tile, height: 513, stft })
      const row = [...raster.data.subarray(21 * raster.columns, 22 * raster.columns)]
      return { at: ((raster.source.columns[0] + row.indexOf(Math.max(...row)) * wide) * 256) / long, title }
    }
    const [near, far] = [await place(2), await place(5)]
    expect(near.title).toBe('STFT 1024/256 Hann')
    expect(far.title).toBe('STFT 1024/256 Hann · one frame in 16')
    expect(Math.abs(near.at - clickAt)).toBeLessThan(0.1)
    expect(Math.abs(far.at - clickAt)).toBeLessThan((32 * 256) / long + 0.1)
    expect((await map(sounds, id, [10, 10.001], 1, 10)).title).toBe('STFT 1024/256 Hann')
    // another window is made from the sound
    expect((await place(5, { ...defaultStft, window: 'hamming' })).title).toBe('STFT 1024/256 Hamming')

    // it goes when the recording goes
    store.setLimit(1000)
    expect(store.findCoarse(id)).toBeNull()
    store.close()
  })
})
