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
import { chooseModel, indexOfMost, pixelsOf, plot, run, settled, workbench, type Pixels } from '../support/workbench.ts'

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
interface Place {
  shown: Shown
  /** what the model heard, where it is about that */
  region?: Shown
  /** seconds */
  slack: number
  /** what counts as great, as a share of the greatest */
  share?: number
}
/** What is drawn is great within `slack` of every sound, and nowhere else. */
const expectAtSounds = (what: string, values: number[], { shown, region = shown, slack, share = 0.8 }: Place): void => {
  const pixel = (shown[1] - shown[0]) / values.length
  const near = slack + 2 * pixel
  const [from, to] = [Math.max(shown[0], region[0]) + slack, Math.min(shown[1], region[1]) - slack]
  const expected = sounds.filter((at) => at > from && at < to)
  expect(expected.length, what).toBeGreaterThan(1)
  const [most, least] = [Math.max(...values), Math.min(...values)]
  const great = values.flatMap((value, x) =>
    value > least + share * (most - least) ? [shown[0] + (x + 0.5) * pixel] : [],
  )
  const away = (at: number, from: number[]): number => Math.min(...from.map((other) => Math.abs(other - at)))
  for (const at of expected) expect(away(at, great), `${what}: nothing at ${at} s`).toBeLessThanOrEqual(near)
  for (const at of great) expect(away(at, sounds), `${what}: something at ${at} s`).toBeLessThanOrEqual(near)
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
const showPatches = async (page: Page, pressed: boolean): Promise<void> => {
  const button = page.getByTestId('patches').first()
  if ((await button.getAttribute('aria-pressed')) !== String(pressed)) await button.click()
  await settled(page)
}

const expectSound = async (page: Page, shown: Shown): Promise<void> => {
  const drawn = await pixelsOf(area(page, 'waveform'))
  const reach = Array.from({ length: drawn.width }, (_, x) => {
    const top = Array.from({ length: drawn.height }, (_, y) => y).find((y) => drawn.at(x, y)[3] > 0)
    return top === undefined ? 0 : drawn.height - top
  })
  // half a beep; half a frame of the spectrogram besides, where a click is half as far above the floor as the beep, in dB
  expectAtSounds('waveform', reach, { shown, slack: 0.015 })
  const spectrogram = columns(await pixelsOf(area(page, 'spectrogram')), lightness)
  expectAtSounds('spectrogram', spectrogram, { shown, slack: 0.05, share: 0.4 })
}
/** curve and map, and what lies over the spectrogram where the model hears patches: a cell is off by a step at most */
const expectAttention = async (page: Page, model: string, region: [number, number], shown: Shown): Promise<void> => {
  const grid = timeOf((await stored(model, region)).grids.encoder)
  const what = (pane: string): string => `${pane} of ${model} over ${region} s, shown ${shown}`
  const place = { shown, region, slack: 1.5 * grid.step }
  const isPatches = model === models.patches
  if (isPatches) await showPatches(page, false)
  expectAtSounds(what('curve'), heights(await pixelsOf(area(page, 'spectrogram'))), place)
  const map = await pixelsOf(page.getByTestId('attention-map-A'))
  const keys: Shown = [edgeAt(grid, 0), edgeAt(grid, grid.valid)]
  expectAtSounds(what('map'), columns(map, lightness), { ...place, shown: keys })
  if (!isPatches) return
  await showPatches(page, true)
  const over = await pixelsOf(area(page, 'spectrogram'))
  expectAtSounds(what('patches'), columns(over, colourfulness), place)
  // the beep is in the third of five bands, which hears 880 to 2217 Hz
  const x = Math.floor(((beep.at - shown[0]) / (shown[1] - shown[0])) * over.width)
  const y = indexOfMost(Array.from({ length: over.height }, (_, y) => colourfulness(over.at(x, y))))
  const hertz = (1 - (y + 0.5) / over.height) * 8000
  expect(hertz > 880 && hertz < 2217, `${what('patches')}: the beep at ${hertz} Hz`).toBe(true)
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
  expectAtSounds(`enlarged map of ${model}`, columns(inside, lightness), { shown: keys, slack: 1.5 * grid.step })
  await page.keyboard.press('Escape')
  await dialogGone(page)
}

inChromium('attention that points at sounds is drawn at them, in every pane', async () => {
  const page = await bench.open()
  // where keys are the page's own and no pane is pointed at
  const leave = (): Promise<void> => page.getByTestId('moment').click()
  await setRegion(page, [0, seconds])
  await leave()
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
        await leave()
      }
      await settled(page)
      await expectAttention(page, model, region, [0, seconds])
    }
  }
  await expectEnlarged(page, models.patches, [2, 5])

  // zoomed in on a click and the beep: three times a zoom to six tenths, twice a quarter on
  await leave()
  for (const key of ['f', '+']) await page.keyboard.press(key)
  await settled(page)
  const shown = [2.6, 4.4] as const
  for (const model of [models.patches, models.waveform]) {
    await chooseModel(page, model)
    await expectAttention(page, model, [2, 5], shown)
  }
})
