import { expect, test } from 'vitest'
import type { RunEstimate } from '../../src/contract/estimate.ts'
import { basisText, estimateText, secondsText } from '../../src/figures/estimate-text.ts'

const estimate: RunEstimate = {
  weights: 1,
  activations: 1,
  total: 776e6,
  limit: 4e9,
  fits: true,
  smaller: [],
  refused: '',
  fitting: { seconds: null, tokens: null },
  cache: { likely: 49e6, most: 49e6, limit: 4e9, refused: '' },
  time: { likely: 4.89, most: 4.89, load: 0.48, provider: 'cpu', from: 'trial' },
  tokens: null,
}

test('an estimate says seconds, memory and cache in one sentence', () => {
  expect(estimateText(estimate)).toBe('about 4.9 s on the CPU (0.5 s to load it), 776 MB of memory and 49 MB of cache')
  expect(basisText(estimate)).toContain('trial')
})

test('where tokens are written it says the most there can be too', () => {
  const written = {
    ...estimate,
    cache: { ...estimate.cache, likely: 15.1e6, most: 108.9e6 },
    time: { ...estimate.time!, likely: 1.2, most: 9.8, load: 0, from: 'runs' as const },
    tokens: { likely: 24, most: 448 },
  }
  expect(estimateText(written)).toBe(
    'about 1.2 s on the CPU, 776 MB of memory and 15 MB of cache; up to 9.8 s and 109 MB if it writes all 448 tokens it may',
  )
  expect(basisText(written)).toBe('by its earlier runs here')
  expect(estimateText({ ...written, time: null })).toMatch(/^nobody knows how long .*; up to 109 MB if/)
})

test('seconds have as many digits as mean something', () => {
  expect([0.03, 0.26, 34.4, 700].map(secondsText)).toEqual(['under 0.1 s', '0.3 s', '34 s', '12 min'])
})
