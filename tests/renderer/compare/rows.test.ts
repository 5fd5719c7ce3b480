import { expect, test } from 'vitest'
import type { AttentionMetrics, HeadMetrics } from '../../../src/contract/engine.ts'
import { headRows, sortedBy } from '../../../src/renderer/compare/rows.ts'

const head = (entropy: number, distance: number | null): HeadMetrics => ({
  entropy,
  distance,
  diagonality: null,
  padding: 0,
  first: 0,
  special: null,
})
const metrics = (...heads: HeadMetrics[]): AttentionMetrics => ({ layers: [{ layer: 3, heads }] })

test('heads are listed by A less B, without a value where either has none', () => {
  const rows = headRows(metrics(head(2, 0.5), head(1, null)), metrics(head(1.5, 0.75), head(4, 1)), [
    'entropy',
    'distance',
  ])
  expect(rows).toEqual([
    { layer: 3, head: 0, differences: { entropy: 0.5, distance: -0.25 } },
    { layer: 3, head: 1, differences: { entropy: -3, distance: null } },
  ])
})

test('the greatest magnitude comes first, what has no value last', () => {
  expect(sortedBy([0.5, null, -3, NaN, 1], (value) => value)).toEqual([-3, 1, 0.5, null, NaN])
})
