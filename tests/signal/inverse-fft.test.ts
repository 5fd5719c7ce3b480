import { expect, test } from 'vitest'
import { createRealFft } from '../../src/signal/fft.ts'
import { createInverseRealFft } from '../../src/signal/inverse-fft.ts'
import { createRandom } from '../../src/signal/random.ts'
import { largestError } from '../golden/load.ts'

test.for([2, 4, 30, 400, 1024, 2048])('gives back the frame of %i samples that was transformed', (size) => {
  const random = createRandom(size)
  const frame = Float64Array.from({ length: size }, () => random() - 0.5)
  const [re, im] = [new Float64Array(size / 2 + 1), new Float64Array(size / 2 + 1)]
  createRealFft(size).transform(frame, re, im)
  const back = new Float64Array(size)
  createInverseRealFft(size)(re, im, back)
  expect(largestError(back, frame)).toBeLessThan(1e-12)
})

test('refuses odd sizes', () => {
  expect(() => createInverseRealFft(15)).toThrow('inverse FFT size must be even: 15')
})
