import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { decodeWavFrames, readWavLayout } from '../../src/formats/wav.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  downloaded,
  pane,
  pixelsOf,
  plot,
  run,
  settled,
  workbench,
  type Pixels,
} from '../support/workbench.ts'

/** A row of attention as loudness: the WAV that the page plays is decoded and held against the row's weights. */

const inChromium = testNeeding('chromium')
const bench = workbench()
const mint = [127, 240, 196]

/** Keeps the first channel of what is handed to Web Audio. */
const recordBlocks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const blocks: Float32Array[] = []
    Object.assign(window, { blocks })
    const copy = AudioBuffer.prototype.copyToChannel as (this: AudioBuffer, from: Float32Array, to: number) => void
    AudioBuffer.prototype.copyToChannel = function (samples: Float32Array, channel: number) {
      if (channel === 0) blocks.push(samples)
      copy.call(this, samples, channel)
    }
  })
const channelsOf = (bytes: Uint8Array): Float32Array[] => {
  const layout = readWavLayout((at, length) => bytes.subarray(at, at + length), bytes.length)
  return decodeWavFrames(layout, bytes.subarray(layout.dataStart))
}
const rate = 24_000
const playedFrames = 2 * rate
/** the first two seconds of what was handed over since it was last begun */
const firstSound = async (page: Page): Promise<Float32Array> => {
  const frames = (): Promise<number> =>
    page.evaluate(() =>
      (window as unknown as { blocks: Float32Array[] }).blocks.reduce((sum, { length }) => sum + length, 0),
    )
  await expect.poll(frames, { timeout: 10_000 }).toBeGreaterThanOrEqual(playedFrames)
  const played = await page.evaluate(
    (count) => (window as unknown as { blocks: Float32Array[] }).blocks.flatMap((block) => [...block]).slice(0, count),
    playedFrames,
  )
  return Float32Array.from(played)
}
const toStart = async (page: Page): Promise<void> => {
  const pause = page.getByRole('button', { name: 'Pause column A' })
  if (await pause.isVisible()) await pause.click()
  await page.keyboard.press('Home')
  await page.evaluate(() => ((window as unknown as { blocks: Float32Array[] }).blocks.length = 0))
}
const button = (page: Page, part: string): Locator => page.getByTestId(`hear-${part}-A`)
const energy = (samples: Float32Array): number => samples.reduce((sum, value) => sum + value * value, 0)
const listen = async (page: Page, part: string): Promise<Float32Array> => {
  await toStart(page)
  await button(page, part).click()
  await page.getByRole('button', { name: 'Pause column A' }).waitFor()
  await settled(page)
  expect(await button(page, part).getAttribute('aria-pressed')).toBe('true')
  return firstSound(page)
}
/** A row that stays, in the middle of the map. */
const pinRow = async (page: Page, share: number): Promise<void> => {
  const box = await boxOf(page.getByTestId('attention-map-A'))
  await page.mouse.click(box.x + box.width / 2, box.y + share * box.height)
  await page.mouse.move(5, 5)
  await settled(page)
}
const idOf = async (page: Page, model: string): Promise<string> => {
  const name = await page.getByTestId('column-A').getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  return (await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model }))!.id
}

inChromium(
  'what is played is as loud as the pinned row weighs it; the rest, and other places, are heard by a press',
  async () => {
    const page = await bench.open()
    await recordBlocks(page)
    await chooseModel(page, starters.whisper)
    await run(page)
    expect(await button(page, 'attended').isDisabled()).toBe(true)
    await page.getByTestId('loop').click()
    await pinRow(page, 0.5)

    const whole = await listen(page, 'all')
    const attended = await listen(page, 'attended')
    const index = Number(await page.getByTestId('attention-map-A').getAttribute('aria-valuenow'))
    const { values, grid } = await bench.engine()['runs.attentionLine']({
      run: await idOf(page, starters.whisper),
      tap: 'encoder.attention.3',
      heads: 'mean',
      line: 'row',
      index,
    })
    const heard = values.subarray(0, grid!.valid)
    const most = heard.reduce((a, b) => Math.max(a, b))
    // the samples about a step's centre, where the gain is that step's own
    const near = (samples: Float32Array, step: number): Float32Array => {
      const at = Math.round((grid!.start + step * grid!.step) * rate)
      return samples.subarray(Math.max(0, at - 4), at + 5)
    }
    let checked = 0
    for (let step = 0; step < heard.length; step++) {
      const [before, after] = [energy(near(whole, step)), energy(near(attended, step))]
      if (before < 1e-4 || grid!.start + step * grid!.step > 2) continue
      checked++
      expect(Math.sqrt(after / before)).toBeCloseTo(heard[step]! / most, 1)
    }
    expect(checked).toBeGreaterThan(30)

    // the gain is drawn over the waveform: at the top where the weight is greatest
    const pixels = await pixelsOf(plot(page, 'waveform', 'A'))
    const x = Math.round(((grid!.start + heard.indexOf(most) * grid!.step) / 5) * pixels.width)
    const isMint = (at: number, y: number): boolean =>
      pixels
        .at(at, y)
        .slice(0, 3)
        .every((value, i) => Math.abs(value - mint[i]!) < 60)
    expect([0, 1, 2, 3].some((y) => [-1, 0, 1].some((by) => isMint(x + by, y)))).toBe(true)
    const header = pane(page, 'waveform', 'A').locator('header')
    expect(await header.innerText()).toContain('weights as loudness: not an explanation')
    expect(await axe(page)).toEqual([])

    const rest = await listen(page, 'rest')
    const off = whole.map((value, i) => Math.abs(attended[i]! + rest[i]! - value))
    expect(off.reduce((a, b) => Math.max(a, b))).toBeLessThan(2 / 32_768)
    const random = await listen(page, 'random')
    expect(random).not.toEqual(attended)
    // the playhead lies in the region and moves on
    expect(await plot(page, 'waveform', 'A').getByTestId('playhead').count()).toBe(1)

    // another row, once pinned, is heard by itself
    const text = await header.innerText()
    await pinRow(page, 0.2)
    await expect.poll(() => header.innerText()).not.toBe(text)
    expect(await listen(page, 'random')).not.toEqual(random)
    await page.getByTestId('play').click()
    await page.getByRole('button', { name: 'Play column A' }).waitFor()
    // without playing the waveform is drawn alone
    expect(await header.innerText()).not.toContain('loudness')

    // a decoder that looks at tokens has nothing to hear; across, a token's row has
    await page.getByTestId('attention-kind').first().selectOption('decoder')
    await pinRow(page, 0.9)
    expect(await button(page, 'attended').isDisabled()).toBe(true)
    await page.getByTestId('attention-kind').first().selectOption('cross')
    await settled(page)
    expect(energy(await listen(page, 'attended'))).toBeGreaterThan(0)
    expect(await header.innerText()).toContain('attended by token')
  },
)

inChromium('patches are heard in time and frequency, by keyboard, and saved as WAV', async () => {
  const page = await bench.open({ colorScheme: 'light' })
  await recordBlocks(page)
  await chooseModel(page, starters.ast)
  await run(page)
  await pinRow(page, 0.4)
  const spectrogram = plot(page, 'spectrogram', 'A')
  const bare = await pixelsOf(spectrogram)
  await page.getByTestId('loop').click()
  await page.keyboard.press('Shift+S')
  await page.getByRole('button', { name: 'Pause column A' }).waitFor()
  await settled(page)
  const played = await firstSound(page)
  expect(await button(page, 'attended').getAttribute('aria-pressed')).toBe('true')
  // the mask lies over the spectrogram: dark where little is heard, with a line around what is louder than half
  const header = pane(page, 'spectrogram', 'A').locator('header')
  expect(await header.innerText()).toMatch(/mask, attended by .* · dark: quiet, white line: half · not an explanation/)
  const masked = await pixelsOf(spectrogram)
  const brightness = (pixels: Pixels, x: number, y: number): number =>
    pixels
      .at(x, y)
      .slice(0, 3)
      .reduce((sum, value) => sum + value, 0)
  let [darker, white, all] = [0, 0, 0]
  for (let x = 2; x < masked.width; x++)
    for (let y = 2; y < masked.height; y++) {
      const [before, after] = [brightness(bare, x, y), brightness(masked, x, y)]
      all++
      if (after === 765 && before < 700) white++
      else if (before > 60 && after < 0.5 * before) darker++
    }
  expect(darker / all).toBeGreaterThan(0.2)
  expect(white).toBeGreaterThan(20)

  await page.getByRole('button', { name: 'More of attention, column A' }).click()
  expect(await page.getByTestId('hear-mask').first().inputValue()).toBe('patches')
  const file = await downloaded(page, () => page.getByTestId('hear-save-A').click())
  expect(file.name).toMatch(/ attended ast-starter encoder\.attention\.4 head mean \d\.\d\d s patches\.wav$/)
  expect(channelsOf(file.bytes)[0]!.slice(0, playedFrames)).toEqual(played)

  await page.getByTestId('hear-mask').first().selectOption('time')
  await page.keyboard.press('Escape')
  await settled(page)
  expect(await listen(page, 'attended')).not.toEqual(played)
})
