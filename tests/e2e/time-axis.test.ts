import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { testNeeding } from '../support/needs.ts'
import { click, tone } from '../support/sounds.ts'
import {
  boxOf,
  hover,
  indexOfMost,
  letters,
  moment,
  pixelsOf,
  plot,
  readClock,
  settled,
  workbench,
  type Letter,
  type PaneKind,
  type Pixels,
} from '../support/workbench.ts'

/** One time axis: sounds whose place is known are drawn there, and cursor, zoom, region and playhead mean the same in every pane. */

const inChromium = testNeeding('chromium')
const clickAt = 1.5
const hertz = 1000
const folder = mkdtempSync(join(tmpdir(), 'otoscope-sounds-'))
const bench = workbench(() => {
  const files = [join(folder, 'click.wav'), join(folder, 'tone.wav')]
  writeFileSync(files[0]!, click(4, clickAt))
  writeFileSync(files[1]!, tone(6, hertz))
  return files
})
afterAll(() => rmSync(folder, { recursive: true }))

const kinds: readonly PaneKind[] = ['waveform', 'spectrogram']
const lightness = ([red, green, blue]: number[]): number => red! + green! + blue!
const columnSums = (picture: Pixels, value: (pixel: number[]) => number): number[] =>
  Array.from({ length: picture.width }, (_, x) =>
    Array.from({ length: picture.height }, (_, y) => value(picture.at(x, y))).reduce((a, b) => a + b, 0),
  )
/** pixels between where the click belongs and the columns it is drawn in: one, or all that show the same frame */
const clickMisses = async (page: Page, kind: PaneKind): Promise<number> => {
  const picture = await pixelsOf(plot(page, kind, 'A'))
  const sums = columnSums(picture, kind === 'waveform' ? (pixel) => Math.min(1, pixel[3]!) : lightness)
  const first = indexOfMost(sums)
  const run = sums.slice(first).findIndex((sum) => sum !== sums[first])
  const wanted = (clickAt / 5) * picture.width
  return Math.max(0, first - wanted, wanted - (first + Math.max(1, run)))
}
/** pixels from a plot's left edge to a line over it */
const lineIn = async (area: Locator, testId: string): Promise<number> =>
  (await boxOf(area.getByTestId(testId))).x - (await boxOf(area)).x
const widthOf = async (page: Page): Promise<number> => (await boxOf(plot(page, 'waveform', 'A'))).width
/** seconds at the left and right edge of a column, as the status line says them */
const shownRange = async (page: Page, letter: Letter): Promise<[number, number]> => {
  const area = plot(page, 'waveform', letter)
  const { width } = await boxOf(area)
  await hover(page, area, 1 / width)
  const first = await moment(page)
  await hover(page, area, (width - 1) / width)
  const last = await moment(page)
  const pixel = (last - first) / (width - 2)
  return [first - pixel, last + pixel]
}
const expectRange = async (page: Page, letter: Letter, [from, to]: readonly [number, number]): Promise<void> => {
  const [start, end] = await shownRange(page, letter)
  const slack = (2 * (to - from)) / (await widthOf(page)) + 0.001
  expect(Math.abs(start - from), `${letter} begins at ${start}`).toBeLessThanOrEqual(slack)
  expect(Math.abs(end - to), `${letter} ends at ${end}`).toBeLessThanOrEqual(slack)
}
const region = async (page: Page, letter: Letter): Promise<[number, number]> => {
  const [start, end] = ['start', 'end'].map((edge) =>
    page.getByRole('spinbutton', { name: `Region ${edge} of column ${letter} in seconds` }).inputValue(),
  )
  return [Number(await start), Number(await end)]
}

inChromium('files named on the command line stand in the columns', async () => {
  const page = await bench.open()
  for (const [letter, name] of [
    ['A', 'click.wav'],
    ['B', 'tone.wav'],
  ] as const)
    expect(await page.getByTestId(`column-${letter}`).getByRole('heading', { level: 2 }).innerText()).toBe(name)
})

inChromium('a click is drawn at its second, zoomed or not, and a tone at its frequency', async () => {
  const page = await bench.open()
  const width = await widthOf(page)
  for (const kind of kinds) expect(await clickMisses(page, kind), kind).toBeLessThanOrEqual(2)

  const spectrogram = await pixelsOf(plot(page, 'spectrogram', 'B'))
  const middle = Math.floor(width / 2)
  const rows = Array.from({ length: spectrogram.height }, (_, y) => lightness(spectrogram.at(middle, y)))
  const loudest = rows.flatMap((value, y) => (value === Math.max(...rows) ? [y] : []))
  const centre = loudest.reduce((a, b) => a + b, 0) / loudest.length
  expect(Math.abs(centre - spectrogram.height * (1 - hertz / 8000))).toBeLessThanOrEqual(2)

  // Ctrl and the wheel over the click: it stays under the pointer in column A, and column B follows
  const area = plot(page, 'waveform', 'A')
  await hover(page, area, clickAt / 5)
  await page.keyboard.down('Control')
  for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -100)
  await page.keyboard.up('Control')
  await settled(page)
  for (const kind of kinds) expect(await clickMisses(page, kind), kind).toBeLessThanOrEqual(2)
  const shown = await shownRange(page, 'A')
  expect(shown[1] - shown[0]).toBeCloseTo(5 * Math.exp(-400 / 240), 1)
  await expectRange(page, 'B', shown)
})

inChromium('the cursor is at the same second in every pane of both columns', async () => {
  const page = await bench.open()
  for (const [letter, kind, seconds] of [
    ['A', 'waveform', 2.5],
    ['B', 'spectrogram', 0.8],
  ] as const) {
    await hover(page, plot(page, kind, letter), seconds / 5)
    await page.getByTestId('cursor').first().waitFor()
    const slack = 5 / (await widthOf(page))
    expect(Math.abs((await moment(page)) - seconds)).toBeLessThanOrEqual(slack)
    const places: number[] = []
    for (const column of letters)
      for (const kind of kinds) places.push(await lineIn(plot(page, kind, column), 'cursor'))
    for (const at of places) expect(Math.abs(at - (seconds / 5) * (await widthOf(page)))).toBeLessThanOrEqual(1.5)
  }
  // arrow keys move it on by 10 ms while nothing has run
  const before = await moment(page)
  await page.keyboard.press('Shift+ArrowRight')
  await expect.poll(() => moment(page)).toBeCloseTo(before + 0.1, 2)
  await page.mouse.move(400, 5)
  await expect.poll(() => page.getByTestId('cursor').count()).toBe(0)
})

inChromium('zoom and pan follow in both columns until they are unlinked', async () => {
  const page = await bench.open()
  await expectRange(page, 'B', [0, 5])
  await page.mouse.move(400, 5)
  await page.keyboard.press('+')
  await settled(page)
  await expectRange(page, 'A', [1, 4])
  await expectRange(page, 'B', [1, 4])

  // dragging a pane by a third of its width moves a third of what is visible
  const area = await boxOf(plot(page, 'spectrogram', 'B'))
  await page.mouse.move(area.x + area.width * 0.6, area.y + 20)
  await page.mouse.down()
  for (const share of [0.5, 0.4, 0.6 - 1 / 3]) await page.mouse.move(area.x + area.width * share, area.y + 20)
  await page.mouse.up()
  await settled(page)
  await expectRange(page, 'A', [2, 5])

  await page.getByTestId('link-zoom').click()
  expect(await page.getByTestId('link-zoom').getAttribute('aria-pressed')).toBe('false')
  await hover(page, plot(page, 'waveform', 'B'), 0.5)
  await page.keyboard.down('Shift')
  await page.mouse.wheel(0, -(await widthOf(page)) / 3)
  await page.keyboard.up('Shift')
  await settled(page)
  await expectRange(page, 'B', [1, 4])
  await expectRange(page, 'A', [2, 5])

  await page.getByTestId('link-zoom').click()
  await settled(page)
  await expectRange(page, 'B', [2, 5])
  await page.mouse.move(400, 5)
  await page.keyboard.press('0')
  await settled(page)
  await expectRange(page, 'A', [0, 6])
})

inChromium('the region is moved and resized by pointer, keys and numbers', async () => {
  const page = await bench.open()
  expect(await region(page, 'A')).toEqual([0, 4])
  expect(await region(page, 'B')).toEqual([0, 5])
  const { width } = await boxOf(page.getByTestId('overview-B'))
  const drag = async (target: Locator, seconds: number, length: number): Promise<void> => {
    const box = await boxOf(target)
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + (seconds / length) * width, y, { steps: 4 })
    await page.mouse.up()
  }
  const slider = (what: string, letter: Letter): Locator =>
    page.getByRole('slider', { name: new RegExp(`^${what}.* on the overview, column ${letter}$`) })
  await drag(slider('End', 'B'), -2, 6)
  const [start, end] = await region(page, 'B')
  expect(start).toBe(0)
  expect(Math.abs(end - 3)).toBeLessThanOrEqual(12 / width)
  await drag(slider('The region', 'B'), 1.2, 6)
  const moved = await region(page, 'B')
  expect(moved[1] - moved[0]).toBeCloseTo(end, 2)
  expect(Math.abs(moved[0] - 1.2)).toBeLessThanOrEqual(12 / width)
  // it stops at the recording's end instead of leaving it or growing shorter
  await drag(slider('The region', 'B'), 20, 6)
  const last = await region(page, 'B')
  expect(last[1]).toBe(6)
  expect(last[1] - last[0]).toBeCloseTo(end, 2)

  await slider('Start', 'A').focus()
  for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key)
  expect(await region(page, 'A')).toEqual([1.2, 4])
  await slider('The region', 'A').focus()
  await page.keyboard.press('ArrowLeft')
  expect(await region(page, 'A')).toEqual([1.1, 3.9])
  expect(await slider('The region', 'A').getAttribute('aria-valuetext')).toBe('00:01.100 to 00:03.900, 2.80 s')

  const field = page.getByRole('spinbutton', { name: 'Region end of column A in seconds' })
  await field.fill('2.25')
  await field.press('Enter')
  expect(await region(page, 'A')).toEqual([1.1, 2.25])
  // what lies outside the recording is clipped to it
  await field.fill('99')
  await field.press('Enter')
  expect(await region(page, 'A')).toEqual([1.1, 4])
})

inChromium('play moves the playhead through the region; pause holds it; loop begins again', async () => {
  const page = await bench.open()
  const field = (edge: string): Locator =>
    page.getByRole('spinbutton', { name: `Region ${edge} of column B in seconds` })
  await field('start').fill('1')
  await field('start').press('Enter')
  await field('end').fill('1.5')
  await field('end').press('Enter')
  await page.getByTestId('loop').click()
  await page.getByRole('button', { name: 'Play column B' }).click()
  const head = page.getByTestId('playhead').first()
  await head.waitFor()
  await page.mouse.move(400, 5)
  const seen: number[] = []
  // it goes on past its own end: later moments are earlier in the region
  await expect
    .poll(
      async () => {
        seen.push(await moment(page))
        return new Set(seen).size > 3 && seen.some((at, i) => i > 0 && at < seen[i - 1]!)
      },
      { interval: 30, timeout: 10_000 },
    )
    .toBe(true)
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(1)
  expect(Math.max(...seen)).toBeLessThanOrEqual(1.5)
  expect(await plot(page, 'waveform', 'A').getByTestId('playhead').count()).toBe(0)

  await page.getByRole('button', { name: 'Pause column B' }).click()
  await settled(page)
  const held = await moment(page)
  const width = await widthOf(page)
  for (const kind of kinds)
    expect(Math.abs((await lineIn(plot(page, kind, 'B'), 'playhead')) - (held / 5) * width)).toBeLessThanOrEqual(1.5)
  await settled(page)
  expect(await moment(page)).toBe(held)

  // without the loop it ends by itself, back at the start
  await page.getByTestId('loop').click()
  await page.keyboard.press('Home')
  await page.getByRole('button', { name: 'Play column B' }).click()
  await page.getByRole('button', { name: 'Pause column B' }).waitFor()
  await page.getByRole('button', { name: 'Play column B' }).waitFor()
  expect(readClock(await page.getByTestId('moment').innerText())).toBe(1)
})
