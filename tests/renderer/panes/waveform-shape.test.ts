import { expect, test } from 'vitest'
import { rmsSpan } from '../../../src/renderer/panes/waveform-shape.ts'

test('a column of many samples shows its rms around zero', () => {
  expect(rmsSpan(-0.8, 0.9, 0.3)).toEqual([-0.3, 0.3])
})

test('a column never shows more than its own values hold', () => {
  expect(rmsSpan(0.2, 0.4, 0.3)).toEqual([0.2, 0.3])
  expect(rmsSpan(-0.4, -0.2, 0.3)).toEqual([-0.3, -0.2])
})

test('a single sample has no rms of its own to show', () => {
  expect(rmsSpan(0.5, 0.5, 0.5)).toBeNull()
  expect(rmsSpan(0, 0, 0)).toBeNull()
})
