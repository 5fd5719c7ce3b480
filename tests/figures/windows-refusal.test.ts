import { expect, test } from 'vitest'
import { windowsRefusal } from '../../src/figures/windows-refusal.ts'

test('windows that the cache holds together are not refused, to the last byte', () => {
  expect(windowsRefusal('whisper-tiny', 4, { likely: 25e6, limit: 100e6 })).toBeNull()
  expect(windowsRefusal('whisper-tiny', 4, { likely: 25e6, limit: 100e6 - 1 })).not.toBeNull()
})

test('what is too much says of how many windows, how much it is and what the cache may hold', () => {
  expect(windowsRefusal('whisper-tiny', 500, { likely: 25e6, limit: 4e9 })).toMatchObject({
    code: 'no-space',
    message:
      'the results of whisper-tiny on the 500 windows of this region take about 12.5 GB and the cache may hold 4.0 GB: choose a shorter region, or let the cache hold more',
    detail: { total: 12.5e9, limit: 4e9 },
  })
})
