import { describe, expect, test } from 'vitest'
import { openWindow, windowAt, windowsOf } from '../../src/contract/windows.ts'

describe('windows of a region', () => {
  test('one where the model hears all of it', () => {
    expect(windowsOf([1, 11.24], 10.24)).toEqual([{ region: [1, 11.24], shown: [1, 11.24] }])
    expect(windowsOf([0, 40], null)).toHaveLength(1)
  })

  test('the last one ends with the region and shows what is left', () => {
    expect(windowsOf([2, 67.5], 30)).toEqual([
      { region: [2, 32], shown: [2, 32] },
      { region: [32, 62], shown: [32, 62] },
      { region: [37.5, 67.5], shown: [62, 67.5] },
    ])
  })

  test.each([
    [[0, 3600.123_456], 10.24],
    [[0.001, 14_400], 30],
    [[5.5, 777.7], null],
    [[0, 45.1], null],
  ] as [[number, number], number | null][])('what is shown of %j joins, within what is heard', (region, most) => {
    const windows = windowsOf(region, most)
    expect(windows[0]!.shown[0]).toBe(region[0])
    expect(windows.at(-1)!.shown[1]).toBe(region[1])
    windows.forEach(({ region: heard, shown }, i) => {
      expect(shown[1]).toBe(windows[i + 1]?.shown[0] ?? region[1])
      expect(shown[1]).toBeGreaterThan(shown[0])
      expect(heard[0]).toBeLessThanOrEqual(shown[0])
      expect(heard[1]).toBeGreaterThanOrEqual(shown[1])
      expect(heard[0]).toBeGreaterThanOrEqual(region[0])
      expect(heard[1] - heard[0]).toBeLessThanOrEqual((most ?? openWindow.seconds + 2 * openWindow.context) + 1e-9)
    })
  })

  test('a moment is shown by one of them', () => {
    const windows = windowsOf([2, 67.5], 30)
    expect([0, 2, 31.999, 32, 62, 67.5, 99].map((at) => windowAt(windows, at))).toEqual([0, 0, 0, 1, 2, 2, 2])
  })
})
