import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { writeWav } from '../../src/formats/wav.ts'
import { axe } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import { forgetSound, playedSounds, recordSound, saidMoments, type PlayedSound } from '../support/played-sound.ts'
import { boxOf, hover, moment, plot, settled, workbench } from '../support/workbench.ts'

/** What is played, sample by sample, and when: noise whose every stretch is found again in only one place. */

const inChromium = testNeeding('chromium')

const noise = (length: number, seed: number, amplitude: number): Float32Array => {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.round(((state / 2 ** 31 - 1) * amplitude) * 32_768) / 32_768
  })
}
const [rateA, rateB, rateLong] = [16_000, 22_050, 4000]
const softNoise = noise(6 * rateA, 1, 0.1)
const tone = Float32Array.from(
  { length: 4 * rateB },
  (_, i) => Math.round(0.5 * Math.sin((2 * Math.PI * 600 * i) / rateB) * 32_768) / 32_768,
)
const loudNoise = noise(4 * rateB, 2, 0.4)
const longNoise = noise(900 * rateLong, 3, 0.1)

const data = mkdtempSync(join(tmpdir(), 'otoscope-playing-'))
const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(data, name), bytes)
  return join(data, name)
}
const bench = workbench(() => [
  put('soft noise.wav', writeWav({ rate: rateA, channels: [softNoise] })),
  put('tone.wav', writeWav({ rate: rateB, channels: [tone, loudNoise] })),
  put('a quarter of an hour.wav', writeWav({ rate: rateLong, channels: [longNoise] })),
])
afterAll(() => rmSync(data, { recursive: true }))

const near = (a: number, b: number): boolean => Math.abs(a - b) < 2e-4
/** Where in `source` the played frames from `index` on are; −1 where they are not. */
const placeOf = (played: Float32Array, index: number, source: Float32Array, gain = 1): number => {
  const count = 24
  for (let at = 0; at + count <= source.length; at++) {
    let k = 0
    while (k < count && near(played[index + k]!, source[at + k]! * gain)) k++
    if (k === count) return at
  }
  return -1
}
/** the first and the frame after the last that are not silent */
const soundIn = (samples: Float32Array): [number, number] => [
  samples.findIndex((value) => value !== 0),
  samples.findLastIndex((value) => value !== 0) + 1,
]
const soundOf = async (page: Page, rate: number): Promise<PlayedSound> => {
  // what has been computed is kept a little later
  await page.waitForTimeout(300)
  const found = (await playedSounds(page)).get(rate)
  if (!found) throw new Error(`nothing was played at ${rate} Hz`)
  return found
}
/** past the fade, in frames */
const faded = (rate: number): number => Math.ceil(0.006 * rate)
const until = (page: Page, seconds: number): Promise<void> =>
  expect.poll(() => moment(page), { interval: 20, timeout: 20_000 }).toBeGreaterThan(seconds)
const leave = (page: Page): Promise<void> => page.mouse.move(5, 5)
const isPlaying = (page: Page, letter: string): Promise<void> =>
  page.getByRole('button', { name: `Pause column ${letter}` }).waitFor()

/** The line's moments against what is heard when it says them, in seconds. */
const errorsOf = async (page: Page, sound: PlayedSound, heardAt: (frame: number) => number): Promise<number[]> => {
  const said = await saidMoments(page)
  const [from, to] = soundIn(sound.channels[0]!)
  const begin = sound.heardAt(sound.first + from)
  const length = sound.heardAt(sound.first + to) - begin
  return said
    .filter(({ at }) => at > begin + 100 && at < begin + length - 100)
    .map(({ at, seconds }) => {
      // the frame that is heard at that moment, first roughly, then by the clock near it
      let frame = from + ((at - begin) / length) * (to - from)
      frame += ((at - sound.heardAt(sound.first + frame)) / 1000) * sound.rate
      return seconds - heardAt(frame)
    })
}

inChromium('a region is played to the sample, looped without a gap, and the playhead is where it is heard', async () => {
  const page = await bench.open({ bypassCSP: true })
  await recordSound(page)
  await leave(page)
  // what is kept begins a little after what is played
  await page.keyboard.press(' ')
  await until(page, 0.2)
  await page.keyboard.press(' ')
  await page.keyboard.press('Home')
  await page.waitForTimeout(300)
  await forgetSound(page)

  await page.keyboard.press('o')
  await page.keyboard.press(' ')
  await isPlaying(page, 'A')
  await until(page, 4.5)
  await expect.poll(() => moment(page), { interval: 20 }).toBeLessThan(1)
  await until(page, 0.5)
  await page.keyboard.press(' ')
  const sound = await soundOf(page, rateA)
  const [played] = sound.channels as [Float32Array]
  const [from, to] = soundIn(played)
  const begin = from + faded(rateA) - placeOf(played, from + faded(rateA), softNoise)
  // the fade begins at nothing
  expect(from - begin).toBeLessThanOrEqual(1)
  // pieces of two seconds, blocks of a fifth, and the loop's end: one frame after another
  const region = 5 * rateA
  let wrong = 0
  for (let i = from + faded(rateA); i < to - 2 * faded(rateA); i++)
    if (!near(played[i]!, softNoise[(i - begin) % region]!)) wrong++
  expect(wrong).toBe(0)
  expect((to - from) / rateA).toBeGreaterThan(5.4)

  const errors = await errorsOf(page, sound, (frame) => ((frame - begin) % region) / rateA)
  // at the loop's seam the line may still say its end
  const off = errors.map((error) => Math.abs(error)).filter((error) => error < 4)
  expect(off.length).toBeGreaterThan(50)
  console.log('playhead', Math.max(...off), off.reduce((a, b) => a + b, 0) / off.length)
  expect(Math.max(...off)).toBeLessThan(0.02)
})
