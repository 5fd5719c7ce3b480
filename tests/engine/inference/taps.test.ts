import { describe, expect, test } from 'vitest'
import { checkSteps, hiddenTaps, withoutBatch } from '../../../src/engine/inference/taps.ts'

const values = (shape: number[], ...numbers: number[]) => ({
  dtype: 'float32' as const,
  shape,
  data: Float32Array.from(numbers),
})

describe('what is stored of a run', () => {
  test('has no batch dimension and a word for every axis', () => {
    expect(withoutBatch('logits', values([1, 1, 2], 3, 4), ['step', 'vocabulary'])).toEqual({
      dtype: 'float32',
      shape: [1, 2],
      axes: ['step', 'vocabulary'],
      data: Float32Array.of(3, 4),
    })
  })

  test('is named by side and layer', () => {
    const taps = hiddenTaps('decoder', [values([1, 1, 1], 0), values([1, 1, 1], 0)])
    expect(taps.map(({ tap, tensor }) => [tap, tensor.axes[0]])).toEqual([
      ['decoder.hidden.0', 'token'],
      ['decoder.hidden.1', 'token'],
    ])
  })

  test.each([NaN, Infinity, -Infinity])('is refused where a value is %s', (bad) => {
    expect(() => withoutBatch('encoder.hidden.1', values([1, 1, 2], 0, bad), ['step', 'width'])).toThrow(
      'encoder.hidden.1 has values that are NaN or infinite',
    )
  })

  test('is refused with another shape than expected', () => {
    expect(() => withoutBatch('logits', values([2, 1], 0, 0), ['label'])).toThrow('expected 1 × label')
    expect(() => withoutBatch('logits', values([1, 1, 1], 0), ['label'])).toThrow('1 × 1 × 1')
  })

  test('must have the steps its time grid counts', () => {
    const taps = hiddenTaps('encoder', [values([1, 2, 1], 0, 0)])
    const grid = { start: 0, step: 1, width: 1, count: 2, valid: 2 }
    expect(() => checkSteps(taps, grid)).not.toThrow()
    expect(() => checkSteps(taps, { ...grid, count: 3 })).toThrow('2 steps')
    expect(() => checkSteps(taps, { time: { ...grid, count: 1 }, bands: 1, special: 1 })).not.toThrow()
  })
})
