import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { writeWav } from '../../src/formats/wav.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { playedSounds, recordSound } from '../support/played-sound.ts'
import {
  chooseModel,
  hover,
  moment,
  pane,
  pixelsOf,
  plot,
  settled,
  workbench,
  type PaneKind,
} from '../support/workbench.ts'

/** Stereo at 96 kHz with a tone that no model hears, and a click in each channel: as a recording, and as the models hear it. */

const inChromium = testNeeding('chromium')
const [rate, seconds, hertz, clickAt] = [96_000, 4, 12_000, 1.3]
const folder = mkdtempSync(join(tmpdir(), 'otoscope-heard-by-'))
const bench = workbench(() => {
  const tone = Float32Array.from({ length: seconds * rate }, (_, n) => 0.3 * Math.sin((2 * Math.PI * hertz * n) / rate))
  const [left, right] = [tone, tone.slice()]
  for (const channel of [left, right]) channel.fill(0.5, clickAt * rate - 6, clickAt * rate + 6)
  const file = join(folder, 'high tone and click.wav')
  writeFileSync(file, writeWav({ rate, channels: [left, right] }))
  return [file]
})
afterAll(() => rmSync(folder, { recursive: true }))

const lightness = ([red, green, blue]: number[]): number => red! + green! + blue!
const subtitle = (page: Page, kind: PaneKind): Promise<string> =>
  pane(page, kind, 'A').locator('header .cut').innerText()
/** lightness of the spectrogram's row at a frequency, as a share of the height from the bottom, and column by column */
const row = async (page: Page, share: number): Promise<number[]> => {
  const pixels = await pixelsOf(plot(page, 'spectrogram', 'A'))
  const y = Math.floor((1 - share) * pixels.height)
  return Array.from({ length: pixels.width }, (_, x) => lightness(pixels.at(x, y)))
}
const meanOf = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length
/** lightness of the waveform a fifth of its height above the middle */
const wave = async (page: Page): Promise<number[]> => {
  const pixels = await pixelsOf(plot(page, 'waveform', 'A'))
  const y = Math.round(0.4 * pixels.height)
  return Array.from({ length: pixels.width }, (_, x) => pixels.at(x, y)[3])
}
/** power of one frequency over the mean power, 0 … 1 */
const shareOf = (samples: Float32Array, hertz: number, rate: number): number => {
  let [real, imaginary, power] = [0, 0, 0]
  for (const [n, value] of samples.entries()) {
    const angle = (2 * Math.PI * hertz * n) / rate
    real += value * Math.cos(angle)
    imaginary += value * Math.sin(angle)
    power += value * value
  }
  return power === 0 ? 0 : (2 * (real ** 2 + imaginary ** 2)) / samples.length / power
}

inChromium('what the model hears is shown at its seconds and played: without what lies above 8 kHz', async () => {
  const page = await bench.open({ bypassCSP: true })
  await recordSound(page)
  // the tone is a bright line in the recording, at 12 of 48 kHz
  expect(meanOf(await row(page, hertz / 48_000))).toBeGreaterThan(200)
  expect(await subtitle(page, 'waveform')).toContain('stereo 96 kHz')

  await chooseModel(page, starters.whisper)
  await page.keyboard.press('Shift+W')
  await settled(page)
  expect(await page.getByTestId('sound').inputValue()).toBe('model')
  const words = await subtitle(page, 'waveform')
  expect(words).toMatch(
    new RegExp(
      `^what ${starters.whisper} hears: 16 kHz, mixed to one channel · padded with [\\d.]+ s of zeros · full scale`,
    ),
  )
  expect(await subtitle(page, 'spectrogram')).toContain('16 kHz, mixed to one channel')
  // now up to 8 kHz: nothing of it is left, also not where it would be folded to, 4 kHz
  for (const share of [0.25, 0.5, 0.75, 0.97]) {
    const found = await row(page, share)
    expect(found.filter((value) => value > 200).length / found.length, `at ${share}`).toBeLessThan(0.06)
  }
  // but for the recording's first pixels, where the tone sets in, the click is the only thing in both, and under the cursor at its second
  const clicks = [await wave(page), await row(page, 0.5)].map((values) => {
    const loud = values.flatMap((value, x) => (value > 120 && x > 10 && x < values.length - 10 ? [x + 0.5] : []))
    expect(loud.length).toBeGreaterThan(0)
    return meanOf(loud) / values.length
  })
  for (const [i, share] of clicks.entries()) {
    await hover(page, plot(page, i === 0 ? 'waveform' : 'spectrogram', 'A'), share)
    expect(Math.abs((await moment(page)) - clickAt)).toBeLessThan(0.02)
  }
  await page.mouse.move(5, 5)
  expect(await axe(page)).toEqual([])

  // zero mean and unit variance: the axis says how far it reaches, and it is no louder to the ear
  await chooseModel(page, starters.wav2vec2)
  const levelled = await subtitle(page, 'waveform')
  expect(levelled).toContain('zero mean, unit variance')
  expect(Number(/up to ±([\d.]+)$/.exec(levelled)![1])).toBeGreaterThan(10)

  await page.keyboard.press(' ')
  await page.getByTestId('heard').waitFor()
  expect(await page.getByTestId('heard').innerText()).toContain(`as ${starters.wav2vec2} hears it`)
  await expect.poll(() => moment(page), { interval: 20 }).toBeGreaterThan(2)
  // and, at the same moment, the recording
  await page.keyboard.press('Shift+W')
  await expect.poll(() => page.getByTestId('heard').innerText()).not.toContain('hears it')
  const at = await moment(page)
  expect(at).toBeGreaterThan(1.9)
  await expect.poll(() => moment(page), { interval: 20 }).toBeGreaterThan(at + 0.5)
  await page.keyboard.press(' ')
  await page.waitForTimeout(300)
  const played = await playedSounds(page)
  const heard = played.get(16_000)!.channels[0]!
  const loudest = heard.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  expect(loudest).toBeGreaterThan(0.3)
  expect(loudest).toBeLessThan(1)
  expect(shareOf(heard, 4000, 16_000)).toBeLessThan(0.01)
  const recorded = played.get(rate)!.channels[0]!
  const asRecorded = recorded.slice(
    recorded.findIndex((value) => value !== 0),
    recorded.findLastIndex((value) => value !== 0),
  )
  // in most blocks: a busy page may leave gaps, and the tone goes on behind them in another phase
  const blocks = Array.from({ length: Math.floor(asRecorded.length / 4096) }, (_, i) =>
    shareOf(asRecorded.slice(4096 * i, 4096 * (i + 1)), hertz, rate),
  )
  expect(blocks.toSorted((a, b) => a - b)[Math.floor(blocks.length / 2)]).toBeGreaterThan(0.9)
})
