import { expect, test } from 'vitest'
import { createRealFft } from '../../../src/signal/fft.ts'
import { createRandom } from '../../../src/signal/random.ts'
import { createPowerOfFour } from '../../../src/signal/simd/power-of-four.ts'
import { hannPeriodic } from '../../../src/signal/window.ts'

test.each([256, 512, 1024, 2048, 4096, 8192])(
  'four frames of %i samples have the powers that each alone has',
  (size) => {
    const random = createRandom(size)
    const window = hannPeriodic(size)
    const four = createPowerOfFour(window)
    for (const frame of four.frames) for (let n = 0; n < size; n++) frame[n] = random() - 0.5
    four.run()
    const fft = createRealFft(size)
    const power = new Float64Array(size / 2 + 1)
    for (const [i, frame] of four.frames.entries()) {
      fft.power(
        Float64Array.from(frame, (value, n) => value * window[n]!),
        power,
      )
      // float32, against the mean power
      const mean = power.reduce((sum, value) => sum + value, 0) / power.length
      for (const [bin, value] of power.entries())
        expect(Math.abs(four.powers[i]![bin]! - value) / mean).toBeLessThan(1e-4)
    }
  },
)
