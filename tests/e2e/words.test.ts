import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { edgeAt, secondsAt } from '../../src/contract/grid.ts'
import type { Run } from '../../src/contract/run.ts'
import { resource } from '../../src/engine/paths.ts'
import { axe } from '../support/browser.ts'
import { peakOfCurve } from '../support/mint.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  hover,
  letters,
  moment,
  pane,
  pixelsOf,
  plot,
  run,
  settled,
  workbench,
} from '../support/workbench.ts'

/** What a model wrote lies on the time axis: words and tokens, characters and their scores; labels stand side by side. */

const inChromium = testNeeding('chromium')
const bench = workbench(() => [resource('recordings', 'voice.wav'), resource('recordings', 'thunder.wav')])

const found = async (page: Page, model: string): Promise<Run> => {
  const recordings = await bench.engine()['recordings.list']({})
  const voice = recordings.find(({ name }) => name === 'voice.wav')!
  const region: [number, number] = [
    Number(await page.getByRole('spinbutton', { name: 'Region start of column A in seconds' }).inputValue()),
    Number(await page.getByRole('spinbutton', { name: 'Region end of column A in seconds' }).inputValue()),
  ]
  const run = await bench.engine()['runs.find']({ recording: voice.id, region, model })
  return run ?? (await bench.engine()['runs.find']({ recording: voice.id, region: [0, voice.seconds], model }))!
}
const list = (page: Page, name: 'Words' | 'Tokens'): Locator => pane(page, 'text', 'A').getByRole('list', { name })
/** seconds of the recording at the left edge of something that lies over the strip, by the range that is shown */
const secondsOf = async (page: Page, one: Locator, [start, end]: [number, number]): Promise<number> => {
  const axis = await boxOf(plot(page, 'spectrogram', 'A'))
  return start + (((await boxOf(one)).x - axis.x) / axis.width) * (end - start)
}

inChromium('words and tokens lie where they were said, and choosing one shows where it looked', async () => {
  const page = await bench.open({ width: 1440, height: 900 })
  await chooseModel(page, starters.whisper)
  await run(page)
  const made = await found(page, starters.whisper)
  const { words, tokens } = await bench.engine()['runs.words']({ run: made.id })
  expect(words.map(({ text }) => text)).toContain('thunder')
  const buttons = list(page, 'Words').getByRole('button')
  expect(await buttons.allInnerTexts()).toEqual(words.map(({ text }) => text))

  // on the one axis of all panes, zoomed or not
  const strip = pane(page, 'text', 'A').getByTestId('strip')
  const axis = await boxOf(plot(page, 'waveform', 'A'))
  expect([(await boxOf(strip)).x, (await boxOf(strip)).width]).toEqual([axis.x, axis.width])
  const thunder = words.findIndex(({ text }) => text === 'thunder')
  for (const i of [0, thunder, words.length - 1])
    expect(Math.abs((await secondsOf(page, buttons.nth(i), [0, 5])) - words[i]!.start)).toBeLessThan(0.02)
  const chips = list(page, 'Tokens').getByRole('button')
  const first = words[thunder]!.tokens[0]
  expect(await secondsOf(page, chips.nth(first), [0, 5])).toBeCloseTo(tokens[first]![0], 1)
  // the prompt has no time and no probability: it stands apart, below
  expect(await chips.nth(0).innerText()).toMatch(/forced$/)
  expect((await boxOf(chips.nth(0))).y).toBeGreaterThan((await boxOf(chips.nth(first))).y + 20)

  // a word that is chosen is the moment looked at
  await buttons.nth(thunder).click()
  expect(await buttons.nth(thunder).getAttribute('aria-pressed')).toBe('true')
  await page.mouse.move(400, 5)
  await settled(page)
  expect(await moment(page)).toBeCloseTo(words[thunder]!.start, 2)
  await expect.poll(() => page.getByTestId('status').innerText()).toContain('pinned')
  // arrows go from word to word; Enter plays the one that is chosen
  await page.keyboard.press('ArrowRight')
  expect(await buttons.nth(thunder + 1).getAttribute('aria-pressed')).toBe('true')
  await page.keyboard.press('o')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByTestId('play').innerText()).toContain('Pause')
  const heard = await moment(page)
  expect(heard).toBeGreaterThanOrEqual(words[thunder + 1]!.start - 0.001)
  expect(heard).toBeLessThanOrEqual(words[thunder + 1]!.end + 0.001)
  await page.getByTestId('play').click()
  await page.keyboard.press('o')

  // the key goes from token to token; the alignment heads look where it was said
  await chips.nth(first - 1).click()
  await page.keyboard.press('.')
  expect(await chips.nth(first).getAttribute('aria-pressed')).toBe('true')
  await page.keyboard.press(';')
  await settled(page)
  expect(await pane(page, 'attention', 'A').locator('header').innerText()).toContain('mean of the alignment heads')
  expect(await page.getByTestId('attention-layer').first().isDisabled()).toBe(true)
  const { start, end } = words[thunder]!
  await expect
    .poll(async () => {
      const picture = await pixelsOf(plot(page, 'spectrogram', 'A'))
      const at = ((peakOfCurve(picture)?.x ?? -1) / picture.width) * 5
      return at >= start - 0.05 && at <= end + 0.05
    })
    .toBe(true)
  expect(await axe(page)).toEqual([])
  await page.keyboard.press('f')
  await settled(page)
  const shown: [number, number] = [made.region[0], made.region[1]]
  expect(Math.abs((await secondsOf(page, buttons.nth(thunder), shown)) - start)).toBeLessThan(0.02)
})

inChromium('characters have the scores of every symbol under them, and labels one order in all columns', async () => {
  const page = await bench.open({ width: 1440, height: 900 })
  await chooseModel(page, starters.wav2vec2)
  await run(page)
  const { id, result } = await found(page, starters.wav2vec2)
  const { maps, symbols, left } = await bench.engine()['runs.scores']({
    runs: [{ run: id }],
    range: [0, 5],
    width: 4096,
    symbols: 256,
  })
  const { raster, grid } = maps[0]!
  expect(left).toBe(0)
  expect(symbols.at(-1)).toMatchObject({ blank: true })
  const said = new Set(result.characters!.map(({ text }) => text))
  expect(new Set(symbols.slice(0, -1).map(({ text }) => text))).toEqual(said)

  const area = pane(page, 'text', 'A').getByRole('slider', { name: 'Scores of symbols: cursor' })
  const picture = await pixelsOf(area)
  const light = (symbol: number, seconds: number): number => {
    const pixel = picture.at(
      Math.floor((seconds / 5) * picture.width),
      Math.floor(((symbol + 0.5) / symbols.length) * picture.height),
    )
    return pixel[0] + pixel[1]
  }
  // a character is bright where it wins, and the blank is not
  const sure = result.characters!.filter(({ probability }) => probability > 0.95).slice(0, 6)
  expect(sure.length).toBeGreaterThan(3)
  for (const { text, start } of sure) {
    const row = symbols.findIndex((symbol) => symbol.text === text && !symbol.blank)
    const step = Math.round((start - edgeAt(grid, 0)) / grid.step)
    const at = secondsAt(grid, step)
    expect(raster.data[row * raster.columns + step]).toBeGreaterThan(0.5)
    expect(light(row, at)).toBeGreaterThan(light(symbols.length - 1, at) + 100)
  }
  await hover(page, area, (secondsAt(grid, Math.round((sure[0]!.start - edgeAt(grid, 0)) / grid.step)) + 0.001) / 5)
  expect(await area.getAttribute('aria-valuetext')).toContain(sure[0]!.text.trim() || '␣')
  await page.mouse.move(400, 5)
  await page.keyboard.press('.')
  await page.keyboard.press('.')
  expect(await moment(page)).toBeCloseTo(result.characters![1]!.start, 2)

  await chooseModel(page, starters.ast)
  await run(page)
  const names = (letter: 'A' | 'B'): Promise<string[]> =>
    pane(page, 'text', letter).getByRole('list', { name: 'Labels with scores' }).locator('bdi').allInnerTexts()
  const own = await Promise.all(letters.map(names))
  expect(own[0]).not.toEqual(own[1])
  await pane(page, 'text', 'B').getByTestId('label-order').selectOption('first')
  expect(await names('B')).toEqual(own[0])
  expect(await names('A')).toEqual(own[0])
  expect(await pane(page, 'text', 'B').innerText()).toMatch(/scores by (sigmoid|softmax)/)
  expect(await axe(page)).toEqual([])
})
