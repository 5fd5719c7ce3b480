import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createOpeningProgress } from '../../src/cli/opening-progress.ts'
import type { Opening } from '../../src/contract/opening.ts'

let written = ''
const stream = (isTTY: boolean) =>
  ({ isTTY, write: (text: string) => (written += text) }) as unknown as NodeJS.WriteStream
const opening = (seconds: number): Opening => ({ id: 1, name: 'a.flac', seconds, secondsPromised: 3600, peaks: null })

beforeEach(() => {
  written = ''
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => void vi.useRealTimers())

test('what is open in a moment is not spoken of', () => {
  const tell = createOpeningProgress(stream(false))
  tell([opening(0)])
  vi.advanceTimersByTime(900)
  tell([opening(10)])
  tell([])
  expect(written).toBe('')
})

test('what takes longer is one line, and on a terminal a bar that is cleared at the end', () => {
  for (const isTTY of [false, true]) {
    written = ''
    const tell = createOpeningProgress(stream(isTTY))
    tell([opening(0)])
    for (const seconds of [900, 1800]) {
      vi.advanceTimersByTime(1100)
      tell([opening(seconds)])
    }
    tell([])
    if (!isTTY) expect(written).toBe('a.flac: decoding\n')
    else
      expect(written).toMatch(
        /█{5}░{15} a\.flac: decoding 900 of 3600[^]*█{10}░{10} a\.flac: decoding 1800 of 3600\r\u001b\[K$/,
      )
  }
})
