import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { edgeAt, timeOf } from '../../src/contract/grid.ts'
import type { Run } from '../../src/contract/run.ts'
import { plotArea } from '../../src/figures/plot-area.ts'
import { patchClickModel, waveformClickModel } from '../support/click-models.ts'
import { dialogGone } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import { clicksAndBeep } from '../support/sounds.ts'
import { chooseModel, pixelsOf, plot, run, settled, workbench, type Pixels } from '../support/workbench.ts'

/**
 * One recording with sounds at known seconds through models whose attention truly points at what is loud: everything that is drawn of it
 * points there, too, zoomed or not, and over a region that begins later.
 */

const inChromium = testNeeding('chromium')
const seconds = 6
const clicks = [1, 2.6, 4.2]
const beep = { at: 3.4, hertz: 1500 }
const sounds = [...clicks, beep.at].sort()
const data = mkdtempSync(join(tmpdir(), 'otoscope-clicks-'))
const models = { waveform: 'clicks-waveform', patches: 'clicks-patches' }
const bench = workbench(
  () => {
    mkdirSync(join(data, 'models'))
    waveformClickModel(join(data, 'models'), models.waveform)
    patchClickModel(join(data, 'models'), models.patches)
    const file = join(data, 'clicks.wav')
    writeFileSync(file, clicksAndBeep(seconds, clicks, beep))
    return [file]
  },
  () => ({ OTOSCOPE_DATA: data }),
)
afterAll(() => rmSync(data, { recursive: true }))

type Shown = readonly [number, number]
/** the greatest of a column of pixels */
const columns = (picture: Pixels, value: (pixel: number[]) => number): number[] =>
  Array.from({ length: picture.width }, (_, x) =>
    Array.from({ length: picture.height }, (_, y) => value(picture.at(x, y))).reduce((a, b) => Math.max(a, b), 0),
  )
const lightness = ([red, green, blue]: number[]): number => red! + green! + blue!
/** colour over grey: from nothing to viridis' yellow */
const colourfulness = ([red, green, blue]: number[]): number =>
  Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!)
/** how high the mint curve reaches in a column */
const heights = (picture: Pixels): number[] => {
  const isMint = ([red, green, blue]: number[]): boolean =>
    Math.abs(red! - 127) < 40 && Math.abs(green! - 240) < 40 && Math.abs(blue! - 196) < 40
  return Array.from({ length: picture.width }, (_, x) => {
    const top = Array.from({ length: picture.height }, (_, y) => y).find((y) => isMint(picture.at(x, y)))
    return top === undefined ? 0 : picture.height - top
  })
}
/** what is drawn over `shown` is greatest within `slack` seconds of every sound in it, and nowhere else as great */
const expectAtSounds = (values: number[], shown: Shown, slack: number, what: string): void => {
  const secondsOf = (x: number): number => shown[0] + ((x + 0.5) / values.length) * (shown[1] - shown[0])
  const pixel = (shown[1] - shown[0]) / values.length
  const visible = sounds.filter((at) => at > shown[0] + slack && at < shown[1] - slack)
  expect(visible.length, what).toBeGreaterThan(0)
  const [most, least] = [Math.max(...values), Math.min(...values)]
  const greatest = values.flatMap((value, x) => (value > least + 0.8 * (most - least) ? [secondsOf(x)] : []))
  for (const at of visible)
    expect(
      Math.min(...greatest.map((second) => Math.abs(second - at))),
      `${what}: nothing at ${at} s`,
    ).toBeLessThanOrEqual(slack + 2 * pixel)
  for (const second of greatest)
    expect(
      Math.min(...sounds.map((at) => Math.abs(second - at))),
      `${what}: something at ${second} s`,
    ).toBeLessThanOrEqual(slack + 2 * pixel)
}

const stored = async (model: string, region: [number, number]): Promise<Run> => {
  const recording = (await bench.engine()['recordings.list']({})).find(({ name }) => name === 'clicks.wav')!
  return (await bench.engine()['runs.find']({ recording: recording.id, region, model }))!
}
const setRegion = async (page: Page, [start, end]: Shown): Promise<void> => {
  for (const [edge, value] of [
    ['start', start],
    ['end', end],
  ] as const) {
    const field = page.getByRole('spinbutton', { name: `Region ${edge} of column A in seconds` })
    await field.fill(String(value))
    await field.press('Enter')
  }
}
const area = (page: Page, kind: 'waveform' | 'spectrogram') => plot(page, kind, 'A')
const sharePatches = async (page: Page, pressed: boolean): Promise<void> => {
  const button = page.getByTestId('patches').first()
  if ((await button.getAttribute('aria-pressed')) !== String(pressed)) await button.click()
  await settled(page)
}

const expectSound = async (page: Page, shown: Shown): Promise<void> => {
  const drawn = await pixelsOf(area(page, 'waveform'))
  const extent = Array.from(
    { length: drawn.width },
    (_, x) => Array.from({ length: drawn.height }, (_, y) => drawn.at(x, y)[3]).filter((alpha) => alpha > 0).length,
  )
  // half a beep, half a frame of the spectrogram
  expectAtSounds(extent, shown, 0.015, `waveform, shown ${shown}`)
  const spectrogram = columns(await pixelsOf(area(page, 'spectrogram')), lightness)
  expectAtSounds(spectrogram, shown, 0.05, `spectrogram, shown ${shown}`)
}
/** curve and map, and what lies over the spectrogram where the model hears patches */
const expectAttention = async (page: Page, model: string, region: [number, number], shown: Shown): Promise<void> => {
  const grid = timeOf((await stored(model, region)).grids.encoder)
  const what = (pane: string): string => `${pane} of ${model} over ${region} s, shown ${shown}`
  const isPatches = model === models.patches
  if (isPatches) await sharePatches(page, false)
  expectAtSounds(heights(await pixelsOf(area(page, 'spectrogram'))), shown, 1.5 * grid.step, what('curve'))
  const map = await pixelsOf(page.getByTestId('attention-map-A'))
  const keys: Shown = [edgeAt(grid, 0), edgeAt(grid, grid.valid)]
  expectAtSounds(columns(map, lightness), keys, 1.5 * grid.step, what('map'))
  if (!isPatches) return
  await sharePatches(page, true)
  expectAtSounds(
    columns(await pixelsOf(area(page, 'spectrogram')), colourfulness),
    shown,
    1.5 * grid.step,
    what('patches'),
  )
}
/** the map as it is enlarged, in the pixels of its chart */
const expectEnlarged = async (page: Page, model: string, region: [number, number]): Promise<void> => {
  await page.getByRole('button', { name: 'More of attention, column A' }).click()
  await page.getByTestId('enlarge').and(page.locator(':visible')).click()
  const chart = page.getByTestId('enlarged')
  await chart.locator('canvas').first().waitFor()
  await settled(page)
  const picture = await pixelsOf(chart)
  const plotted = plotArea(picture, { left: 64, top: 12, right: 92, bottom: 48 }, true)
  const inside: Pixels = {
    width: Math.floor(plotted.width) - 2,
    height: Math.floor(plotted.height) - 2,
    at: (x, y) => picture.at(x + plotted.left + 1, y + plotted.top + 1),
  }
  const grid = timeOf((await stored(model, region)).grids.encoder)
  const keys: Shown = [edgeAt(grid, 0), edgeAt(grid, grid.valid)]
  expectAtSounds(columns(inside, lightness), keys, 1.5 * grid.step, `enlarged map of ${model}`)
  await page.keyboard.press('Escape')
  await dialogGone(page)
}

inChromium('attention that points at sounds is drawn at them, in every pane', async () => {
  const page = await bench.open()
  const toMap = (): Promise<void> => page.mouse.move(800, 12)
  await setRegion(page, [0, seconds])
  await page.mouse.click(800, 12)
  await page.keyboard.press('0')
  await settled(page)
  await expectSound(page, [0, seconds])
  for (const region of [
    [0, seconds],
    [2, 5],
  ] as [number, number][]) {
    await setRegion(page, region)
    for (const model of [models.waveform, models.patches]) {
      await chooseModel(page, model)
      await run(page)
      // a moment that is pinned at a silent place: every query of these models looks at the same steps
      if (!(await page.getByTestId('weight').innerText()).includes('pinned')) {
        await page.getByTestId('attention-map-A').click({ position: { x: 40, y: 90 } })
        await toMap()
      }
      await settled(page)
      await expectAttention(page, model, region, [0, seconds])
    }
  }
  await expectEnlarged(page, models.patches, [2, 5])

  // zoomed in on a click and the beep: three times a zoom to six tenths, twice a quarter on
  await page.mouse.click(800, 12)
  for (const key of ['f', '+']) await page.keyboard.press(key)
  await settled(page)
  const shown = [2.6, 4.4] as const
  for (const model of [models.patches, models.waveform]) {
    await chooseModel(page, model)
    await expectAttention(page, model, [2, 5], shown)
  }
})
