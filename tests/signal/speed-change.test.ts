import { describe, expect, test } from 'vitest'
import type { SpeedChange } from '../../src/signal/speed-change.ts'
import { createStretch } from '../../src/signal/stretch.ts'
import { createVarispeed } from '../../src/signal/varispeed.ts'

const rate = 22_050
const sine = (hertz: number, seconds: number): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate))
const noise = (length: number): Float32Array => {
  let state = 5
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  })
}
/** through it in blocks of so many frames */
const through = (change: SpeedChange, channels: Float32Array[], frames: number): Float32Array[] => {
  const parts: Float32Array[][] = []
  for (let at = 0; at < channels[0]!.length; at += frames)
    parts.push(change.push(channels.map((samples) => samples.subarray(at, at + frames))))
  parts.push(change.end())
  return channels.map((_, channel) => Float32Array.from(parts.flatMap((part) => [...part[channel]!])))
}
const pitchOf = (samples: Float32Array): number => {
  let crossings = 0
  for (let i = 1; i < samples.length; i++) if (samples[i - 1]! < 0 && samples[i]! >= 0) crossings++
  return crossings / (samples.length / rate)
}
const most = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
const speeds = [0.25, 0.5, 0.75, 1.25, 1.5, 2]
const kinds = [
  ['stretched', (speed: number, channels = 1) => createStretch(rate, channels, speed), () => 1],
  ['varied', (speed: number, channels = 1) => createVarispeed(channels, speed), (speed: number) => speed],
] as const

describe.each(kinds)('sound that is %s', (_, make, pitchAt) => {
  test.each(speeds)(
    'lasts as long as a speed of %s makes it, at its pitch or one that goes with the speed',
    (speed) => {
      const [made] = through(make(speed), [sine(440, 2)], 3001) as [Float32Array]
      expect(made.length).toBe(Math.round((2 * rate) / speed))
      expect(pitchOf(made) / (440 * pitchAt(speed))).toBeCloseTo(1, 2)
      // joined without a step: a sine moves no faster than its slope, but where it begins and is cut off
      const steepest = 1.2 * 0.5 * ((2 * Math.PI * 440 * pitchAt(speed)) / rate)
      const steps = made.slice(1000, -1000).map((value, i) => Math.abs(value - made[999 + i]!))
      expect(most(steps)).toBeLessThan(steepest)
    },
  )

  test('is the same however it is cut into blocks, and channels stay together', () => {
    const two = [noise(rate), noise(rate).map((value) => -value)]
    const whole = through(make(0.75, 2), two, rate)
    expect(through(make(0.75, 2), two, 997)).toEqual(whole)
    expect(most(whole[0]!.map((value, i) => value + whole[1]![i]!))).toBeLessThan(1e-5)
  })

  test('has nothing in it where nothing goes in, and passes through at a speed of 1', () => {
    expect(through(make(0.5), [new Float32Array(0)], 10)[0]).toHaveLength(0)
    expect(through(make(0.5), [new Float32Array(1000)], 10)[0]).toEqual(new Float32Array(2000))
    const sound = noise(rate)
    const same = through(make(1), [sound], 5000)[0]!
    expect(most(same.map((value, i) => value - sound[i]!))).toBeLessThan(1e-6)
  })
})

test.each([0.25, 0.5, 0.75, 1.25])(
  'a click at a speed of %s with its pitch is heard within 10 ms of its place',
  (speed) => {
    const clicks = [0.2, 0.71, 1.3]
    const sound = new Float32Array(2 * rate)
    for (const at of clicks) sound[Math.round(at * rate)] = 0.9
    const [made] = through(createStretch(rate, 1, speed), [sound], 2000) as [Float32Array]
    const heard = [...made].flatMap((value, i) => (Math.abs(value) > 0.2 ? [(i * speed) / rate] : []))
    for (const at of clicks) expect(Math.min(...heard.map((other) => Math.abs(other - at)))).toBeLessThan(0.0101)
    for (const at of heard) expect(Math.min(...clicks.map((other) => Math.abs(other - at)))).toBeLessThan(0.0101)
  },
)
