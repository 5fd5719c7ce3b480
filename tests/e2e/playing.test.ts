import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { writeWav } from '../../src/formats/wav.ts'
import { axe } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import { forgetSound, playedSounds, recordSound, saidMoments, type PlayedSound } from '../support/played-sound.ts'
import { boxOf, hover, moment, plot, settled, workbench, type Letter } from '../support/workbench.ts'

/** What is played, sample by sample, and when: noise whose every stretch is found again in only one place. */

const inChromium = testNeeding('chromium')

const noise = (length: number, seed: number, amplitude: number): Float32Array => {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.round((state / 2 ** 31 - 1) * amplitude * 32_768) / 32_768
  })
}
const [rateA, rateB, rateLong] = [16_000, 22_050, 8000]
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

/** What is kept of a context begins a little after it first plays: plays a little, and forgets it. */
const begun = async (page: Page, letter: string): Promise<void> => {
  await page.keyboard.press(`Shift+${letter}`)
  await isPlaying(page, letter)
  await until(page, 0.2)
  await page.keyboard.press(' ')
  await page.keyboard.press('Home')
  await page.waitForTimeout(300)
  await forgetSound(page)
}

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

inChromium(
  'a region is played to the sample, looped without a gap, and the playhead is where it is heard',
  async () => {
    const page = await bench.open({ bypassCSP: true })
    await recordSound(page)
    await leave(page)
    await begun(page, 'A')

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
    const off = errors
      .map((error) => Math.abs(error))
      .filter((error) => error < 4)
      .sort((a, b) => a - b)
    expect(off.length).toBeGreaterThan(50)
    // a page that waits for a busy processor says a moment late: one in ten may
    expect(off[Math.floor(0.9 * off.length)]).toBeLessThan(0.02)
  },
)

/** rising zero crossings a second */
const pitchOf = (samples: Float32Array, rate: number): number => {
  let crossings = 0
  for (let i = 1; i < samples.length; i++) if (samples[i - 1]! < 0 && samples[i]! >= 0) crossings++
  return crossings / (samples.length / rate)
}
const peakOf = (samples: Float32Array): number => samples.reduce((a, b) => Math.max(a, Math.abs(b)), 0)

inChromium('A/B goes on at the same moment, to and fro; levels are matched; what is not there is said', async () => {
  const page = await bench.open({ bypassCSP: true })
  await recordSound(page)
  // B's recording began 0.25 s earlier: what it has there is a quarter of a second further on
  await page.getByTestId('offset-B').fill('0.25')
  await page.getByTestId('offset-B').press('Enter')
  await page.getByTestId('moment').click()
  await leave(page)
  await begun(page, 'B')
  await begun(page, 'A')

  await page.keyboard.press('Shift+A')
  await isPlaying(page, 'A')
  await until(page, 0.8)
  await page.keyboard.press('Shift+X')
  await isPlaying(page, 'B')
  expect(await page.getByTestId('heard').innerText()).toMatch(/^heard B tone\.wav$/)
  await page.waitForTimeout(700)
  await page.keyboard.press('Shift+X')
  await isPlaying(page, 'A')
  expect(await page.getByTestId('heard').innerText()).toMatch(/^heard A soft noise\.wav$/)
  await until(page, 2.2)
  // nothing else in the page stands where nothing is played
  await page.keyboard.press(' ')
  const [a, b] = [await soundOf(page, rateA), await soundOf(page, rateB)]
  const [inA, inB] = [a.channels[0]!, b.channels[1]!]
  const [begunA, endedA] = soundIn(inA)
  const [begunB, endedB] = soundIn(inB)
  const away = inA.findIndex((_, i) => i > begunA + rateA / 4 && inA.subarray(i, i + 400).every((value) => value === 0))
  const back = inA.findIndex((value, i) => i > away + 400 && value !== 0)
  const ms = {
    leftA: a.heardAt(a.first + away),
    cameB: b.heardAt(b.first + begunB),
    leftB: b.heardAt(b.first + endedB),
    cameA: a.heardAt(a.first + back),
  }
  expect(ms.cameB - ms.leftA).toBeLessThan(50)
  expect(ms.cameA - ms.leftB).toBeLessThan(50)
  // the moments they were at, in A's seconds
  const momentA = (at: number): number => {
    const index = at + faded(rateA)
    return (placeOf(inA, index, softNoise) - index) / rateA
  }
  const placeB = begunB + faded(rateB)
  const momentB = (placeOf(inB, placeB, loudNoise) - placeB) / rateB - 0.25
  const clockOf = (sound: PlayedSound): number => sound.heardAt(sound.first) / 1000
  expect(Math.abs(momentB - clockOf(b) - (momentA(begunA) - clockOf(a)))).toBeLessThan(0.05)
  expect(Math.abs(momentA(back) - momentA(begunA))).toBeLessThan(0.05)
  expect(endedA).toBeGreaterThan(back)

  // B ends at 3.75 s of A: there is nothing to go on with
  await page.keyboard.press('Shift+P')
  await until(page, 3.8)
  await page.keyboard.press('Shift+X')
  await page.getByText('No sound at this moment in column B (0:04.').waitFor()
  expect(await page.getByTestId('heard').innerText()).toMatch(/^heard A/)
  await page.keyboard.press(' ')

  // the softer is as it was, the louder is as much softer as is said
  await page.getByTestId('match-levels').click()
  await settled(page)
  const gains = await page.getByTestId('gains').innerText()
  const decibels = Number(/B −([\d.]+) dB/.exec(gains)![1])
  expect(gains).toMatch(/^A 0\.0 dB · B −.* by BS\.1770/)
  expect(await page.getByTestId('gains').getAttribute('title')).toMatch(
    /ITU-R BS\.1770.*A −\d+\.\d LUFS · B −\d+\.\d LUFS/,
  )
  expect(decibels).toBeGreaterThan(10)
  await leave(page)
  await forgetSound(page)
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+B')
  await until(page, 0.5)
  await page.keyboard.press(' ')
  const matched = (await soundOf(page, rateB)).channels[0]!
  expect(20 * Math.log10(peakOf(matched) / peakOf(tone))).toBeCloseTo(-decibels, 0)
  expect(await axe(page)).toEqual([])

  // a quarter of an hour, from the middle of what is seen on: at once, in pieces, no more of it than is soon heard
  await page.getByTestId('match-levels').click()
  await page.getByTestId('moment').click()
  for (const key of ['n', '3', '0']) await page.keyboard.press(key)
  await settled(page)
  await page.evaluate(() => {
    const copy = AudioBuffer.prototype.copyToChannel as (this: AudioBuffer, from: Float32Array, to: number) => void
    const handed = { frames: 0 }
    Object.assign(window, { handed })
    AudioBuffer.prototype.copyToChannel = function (samples: Float32Array, channel: number) {
      handed.frames += samples.length
      copy.call(this, samples, channel)
    }
  })
  await hover(page, plot(page, 'waveform', 'C' as Letter), 0.5)
  const middle = await moment(page)
  expect(middle).toBeGreaterThan(60)
  await page.keyboard.press('Shift+P')
  await isPlaying(page, 'C')
  await leave(page)
  await until(page, middle + 3)
  const handed = await page.evaluate(() => (window as unknown as { handed: { frames: number } }).handed.frames)
  const heard = (await moment(page)) - middle
  expect(handed / rateLong).toBeLessThan(heard + 4)
  await page.keyboard.press(' ')
  const [long] = (await soundOf(page, rateLong)).channels as [Float32Array]
  const [, longTo] = soundIn(long)
  // the first blocks of a tap that joins in are not all of them there
  const begin = 8192
  const place = placeOf(long, begin, longNoise)
  let wrong = 0
  for (let i = begin; i < longTo - 2 * faded(rateLong); i++) if (!near(long[i]!, longNoise[place + i - begin]!)) wrong++
  expect(wrong).toBe(0)
  expect(Math.abs(place / rateLong - middle)).toBeLessThan(2)
  expect((longTo - begin) / rateLong).toBeGreaterThan(1.5)
})

inChromium('slower keeps the pitch or not; a moment is heard from, around, and gone to', async () => {
  const page = await bench.open({ bypassCSP: true, width: 1280, height: 720, colorScheme: 'light' })
  await recordSound(page)
  await leave(page)
  await begun(page, 'B')
  for (const key of ['<', '<']) await page.keyboard.press(key)
  expect(await page.getByTestId('speed').inputValue()).toBe('0.5')
  /** from 0.5 s of the recording on, half a second of it: its pitch, and how long it took */
  const play = async (): Promise<{ pitch: number; seconds: number }> => {
    await forgetSound(page)
    await page.keyboard.press('Shift+B')
    await until(page, 0.6)
    const [from, first] = [await moment(page), performance.now()]
    await until(page, from + 0.4)
    const speed = ((await moment(page)) - from) / ((performance.now() - first) / 1000)
    await page.keyboard.press(' ')
    await page.keyboard.press('Home')
    const [samples] = (await soundOf(page, rateB)).channels as [Float32Array]
    const [start, end] = soundIn(samples)
    const heard = samples.subarray(start + rateB / 10, end - rateB / 10)
    return { pitch: pitchOf(heard, rateB), seconds: speed }
  }
  const kept = await play()
  expect(kept.pitch / 600).toBeCloseTo(1, 1)
  expect(kept.seconds).toBeCloseTo(0.5, 1)
  await page.getByTestId('keep-pitch').click()
  // Space would press the button again
  await page.getByTestId('moment').click()
  const tape = await play()
  expect(tape.pitch / 300).toBeCloseTo(1, 1)
  expect(tape.seconds).toBeCloseTo(0.5, 1)
  for (const key of ['>', '>']) await page.keyboard.press(key)
  expect(await page.getByTestId('speed').inputValue()).toBe('1')

  // around the cursor, under the pointer
  await begun(page, 'A')
  await hover(page, plot(page, 'waveform', 'A'), 0.4)
  const cursor = await moment(page)
  await page.keyboard.press('Shift+C')
  await isPlaying(page, 'A')
  await page.getByRole('button', { name: 'Play column A' }).waitFor()
  const around = await soundOf(page, rateA)
  const [from, to] = soundIn(around.channels[0]!)
  const start = placeOf(around.channels[0]!, from + faded(rateA), softNoise) - faded(rateA)
  expect(start / rateA).toBeCloseTo(cursor - 0.25, 2)
  expect((to - from) / rateA).toBeCloseTo(0.5, 2)

  // from the cursor; a press on the waveform goes elsewhere while it plays
  await forgetSound(page)
  await page.keyboard.press('Shift+P')
  await isPlaying(page, 'A')
  await leave(page)
  await until(page, cursor + 0.3)
  const box = await boxOf(plot(page, 'waveform', 'A'))
  await page.mouse.click(box.x + 0.1 * box.width, box.y + 20)
  await leave(page)
  await expect.poll(() => moment(page), { interval: 20 }).toBeLessThan(1.5)
  await until(page, 1)
  await page.keyboard.press(' ')
  const held = await moment(page)
  const gone = (await soundOf(page, rateA)).channels[0]!
  const [begunAt, endedAt] = soundIn(gone)
  expect(placeOf(gone, begunAt + faded(rateA), softNoise) / rateA).toBeCloseTo(cursor, 1)
  const last = endedAt - 4 * faded(rateA)
  // what was on its way to the loudspeaker when it was paused is never said
  expect(Math.abs(placeOf(gone, last, softNoise) / rateA - held)).toBeLessThan(0.15)
})
