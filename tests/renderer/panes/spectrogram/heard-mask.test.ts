import { describe, expect, it } from 'vitest'
import { pixelGains, rowHertz } from '../../../../src/renderer/panes/spectrogram/heard-mask.ts'

const grid = { start: 1, step: 0.5, width: 0.5, count: 3, valid: 3 }
const seconds = Float64Array.from([0.5, 1, 1.25, 1.5, 2, 3])
const rows = (gains: Float32Array): number[][] =>
  Array.from({ length: gains.length / seconds.length }, (_, row) => [
    ...gains.subarray(row * seconds.length, (row + 1) * seconds.length),
  ])

describe('the gain of every pixel', () => {
  it('is that of its moment on every row, faded between steps and held beyond the last', () => {
    const mask = { gain: Float32Array.from([1, 0, 0.5]), grid, patches: null }
    const found = rows(pixelGains(mask, Float32Array.from([8000, 0]), seconds, false))
    expect(found[0]).toEqual([1, 1, 0.5, 0, 0.5, 0.5])
    expect(found[1]).toEqual(found[0])
  })
  it('is that of its patch; what no patch sees is silent, and left over by the rest', () => {
    const patches = {
      // the lower band first
      gains: Float32Array.from([1, 0, 0.5, 0.25, 0.75, 0]),
      ...{ bands: 2, columns: 3, layout: { first: 0, step: 2, size: 2 } },
      centres: Float32Array.from([100, 300, 500, 700]),
    }
    const mask = { gain: new Float32Array(3), grid, patches }
    const hertz = Float32Array.from([900, 600, 200, 50])
    const found = rows(pixelGains(mask, hertz, seconds, false))
    expect(found[0]).toEqual([0, 0, 0, 0, 0, 0])
    expect(found[1]).toEqual([0.25, 0.25, 0.5, 0.75, 0, 0])
    expect(found[2]).toEqual([1, 1, 0.5, 0, 0.5, 0.5])
    expect(found[3]).toEqual(found[0])
    expect(rows(pixelGains(mask, hertz, seconds, true))[0]).toEqual([1, 1, 1, 1, 1, 1])
  })
})

it('rows of pixels have the frequencies of the picture under them, the highest at the top', () => {
  const centres = Float32Array.from([0, 100, 200, 300])
  expect([...rowHertz(centres, 4)]).toEqual([300, 200, 100, 0])
  expect([...rowHertz(centres, 8)]).toEqual([300, 275, 225, 175, 125, 75, 25, 0])
})
