import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createLoudnessMeter } from '../../src/signal/loudness.ts'

/** The sounds of tools/make-loudness-goldens.py. */

const golden = JSON.parse(readFileSync('tests/golden/loudness.json', 'utf8')) as {
  sound: string
  rate: number
  lufs: number | null
}[]
const sine = (rate: number, seconds: number, hertz: number, amplitude: number): Float32Array =>
  Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, i) => amplitude * Math.sin((2 * Math.PI * hertz * i) / rate),
  )
const steps = (rate: number, hertz: number, share: number): Float32Array => {
  const parts = [
    [1.5, 0.5],
    [2, 0.02],
    [1, 0],
    [1.25, 0.1],
  ].flatMap(([seconds, amplitude]) => [...sine(rate, seconds!, hertz, amplitude! * share)])
  return Float32Array.from(parts)
}
const sounds: Record<string, (rate: number) => Float32Array[]> = {
  '997 Hz at full scale, one channel': (rate) => [sine(rate, 2, 997, 1)],
  '60 Hz at -20 dB': (rate) => [sine(rate, 2, 60, 0.1)],
  'loud, soft, silent': (rate) => [steps(rate, 440, 1), steps(rate, 3000, 0.7)],
  'too soft to be counted': (rate) => [sine(rate, 2, 997, 1e-4)],
}
/** in blocks that end nowhere in particular */
const loudnessOf = (channels: Float32Array[], rate: number): number | null => {
  const meter = createLoudnessMeter(rate, channels.length)
  for (let at = 0; at < channels[0]!.length; at += 3001)
    meter.put(channels.map((samples) => samples.subarray(at, at + 3001)))
  return meter.integrated()
}

test.each(golden)('$sound at $rate Hz is as loud as the Recommendation says', ({ sound, rate, lufs }) => {
  const found = loudnessOf(sounds[sound]!(rate), rate)
  if (lufs === null) expect(found).toBeNull()
  else expect(Math.abs(found! - lufs)).toBeLessThan(1e-4)
})

test('a full-scale sine of 997 Hz in one channel is −3.01 LUFS, in two of them 3.01 LU more', () => {
  const one = sine(48_000, 2, 997, 1)
  expect(loudnessOf([one], 48_000)).toBeCloseTo(-3.01, 2)
  expect(loudnessOf([one, one], 48_000)).toBeCloseTo(0, 2)
})

test('silence, and what is shorter than a block, has no loudness', () => {
  expect(loudnessOf([new Float32Array(48_000)], 48_000)).toBeNull()
  expect(loudnessOf([sine(48_000, 0.39, 997, 1)], 48_000)).toBeNull()
  expect(loudnessOf([sine(48_000, 0.4, 997, 1)], 48_000)).not.toBeNull()
})
