import { expect, test } from 'vitest'
import type { RunEstimate } from '../../../src/contract/estimate.ts'
import type { Region } from '../../../src/contract/recording.ts'
import { windowsEstimate } from '../../../src/renderer/panes/windows-estimate.ts'
import { windowRequests } from '../../../src/renderer/stores/window-requests.ts'

const estimate = (limit: number): RunEstimate => ({
  ...{ weights: 1, activations: 1, total: 2, limit: 4e9, fits: true, smaller: [], refused: '' },
  fitting: { seconds: null, tokens: null },
  cache: { likely: 1e6, most: 1e6, limit, refused: '' },
  time: null,
  tokens: null,
})
const windows = (region: Region) => windowRequests({ recording: 'r', region, model: 'ast-starter', options: {} }, 10.24)

test('windows that fit together leave the estimate of one as it is', () => {
  const one = estimate(3e6)
  expect(windowsEstimate(one, windows([5, 30]))).toBe(one)
  expect(windowsEstimate(one, [])).toBe(one)
})

test('windows that fit one by one alone are refused, with what would fit together', () => {
  const refused = windowsEstimate(estimate(2.5e6), windows([5, 30]))
  expect(refused).toMatchObject({ fits: false, fitting: { seconds: 20.4, tokens: null } })
  expect(refused.refused).toContain('on the 3 windows of this region take about 3.0 MB and the cache may hold 2.5 MB')
  // what is offered fits
  const one = estimate(2.5e6)
  expect(windowsEstimate(one, windows([5, 5 + refused.fitting.seconds!]))).toBe(one)
})

test('one that does not fit by itself says so by itself', () => {
  const one = { ...estimate(0.5e6), fits: false, refused: 'too large alone' }
  expect(windowsEstimate(one, windows([5, 30]))).toBe(one)
  expect(windowsEstimate(one, windows([5, 15]))).toBe(one)
})
