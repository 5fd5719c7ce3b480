import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { writeWav } from '../../src/formats/wav.ts'
import { axe } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  hover,
  indexOfMost,
  moment,
  pane,
  pixelsOf,
  plot,
  settled,
  workbench,
  type Pixels,
} from '../support/workbench.ts'

/** The spectrogram of a sound whose frequencies and moments are known: as it is chosen to be made, at every zoom. */

const inChromium = testNeeding('chromium')
const [rate, seconds, hertz, clickAt] = [16_000, 90, 1000, 61.3]
const folder = mkdtempSync(join(tmpdir(), 'otoscope-spectrogram-'))
const bench = workbench(() => {
  const samples = Float32Array.from(
    { length: seconds * rate },
    (_, n) => 0.1 * Math.sin((2 * Math.PI * hertz * n) / rate),
  )
  samples.set([0.9, -0.9, 0.9, -0.9], clickAt * rate - 2)
  const file = join(folder, 'tone and click.wav')
  writeFileSync(file, writeWav({ rate, channels: [samples] }))
  return [file]
})
afterAll(() => rmSync(folder, { recursive: true }))

const picture = (page: Page): Promise<Pixels> => pixelsOf(plot(page, 'spectrogram', 'A'))
const subtitle = (page: Page): Promise<string> => pane(page, 'spectrogram', 'A').locator('header .cut').innerText()
const lightness = ([red, green, blue]: number[]): number => red! + green! + blue!
const column = (pixels: Pixels, x: number): number[] =>
  Array.from({ length: pixels.height }, (_, y) => lightness(pixels.at(x, y)))
/** how high the brightest row lies, as a share from the bottom */
const brightest = (pixels: Pixels, x: number): number => {
  const values = column(pixels, x)
  const rows = values.flatMap((value, y) => (value === Math.max(...values) ? [y] : []))
  const centre = rows.reduce((a, b) => a + b, 0) / rows.length
  return 1 - (centre + 0.5) / pixels.height
}
const mel = (frequency: number): number => Math.log(1 + frequency / 700)
const places = {
  linear: hertz / 8000,
  log: Math.log(hertz / 20) / Math.log(8000 / 20),
  mel: mel(hertz) / mel(8000),
}
const expectTone = async (page: Page, scale: keyof typeof places): Promise<void> => {
  const pixels = await picture(page)
  const at = brightest(pixels, Math.floor(pixels.width / 3))
  expect(Math.abs(at - places[scale]) * pixels.height, scale).toBeLessThanOrEqual(2)
}

/** Chooses the next of a select that has the focus, as arrows do. */
const next = async (page: Page, what: string, times = 1): Promise<void> => {
  const select = pane(page, 'spectrogram', 'A').getByTestId(what)
  await select.focus()
  for (let i = 0; i < times; i++) await page.keyboard.press('ArrowDown')
  await settled(page)
}

inChromium('window, frequencies, range and colours are chosen by keyboard; a tone stays at its frequency', async () => {
  const page = await bench.open()
  expect(await subtitle(page)).toBe('STFT 1024/256 Hann · 80 dB below the region’s top')
  await expectTone(page, 'linear')
  await pane(page, 'spectrogram', 'A').getByRole('button', { name: 'More of the spectrogram, column A' }).focus()
  await page.keyboard.press('Enter')
  await next(page, 'stft-scale')
  expect(await subtitle(page)).toBe('STFT 1024/256 Hann · log · 80 dB below the region’s top')
  await expectTone(page, 'log')
  await next(page, 'stft-size', 2)
  expect(await subtitle(page)).toBe('STFT 4096/1024 Hann · log · 80 dB below the region’s top')
  await expectTone(page, 'log')
  await next(page, 'stft-scale')
  await next(page, 'stft-window', 2)
  await next(page, 'stft-hop')
  await next(page, 'stft-range', 2)
  expect(await subtitle(page)).toBe('STFT 4096/2048 Blackman · mel · 120 dB below the region’s top')
  await expectTone(page, 'mel')
  const [x, y] = [200, 1]
  const magma = (await picture(page)).at(x, y)
  await next(page, 'stft-map')
  expect((await picture(page)).at(x, y)).not.toEqual(magma)
  expect(await axe(page)).toEqual([])
  // the loudest is under the cursor, whatever the rows are
  await page.keyboard.press('Escape')
  await hover(page, plot(page, 'spectrogram', 'A'), 0.4)
  const said = await plot(page, 'spectrogram', 'A').getAttribute('aria-valuetext')
  expect(Number(/near ([\d.]+) k?Hz/.exec(said!)![1])).toBeCloseTo(1, 1)

  // they are kept
  await page.reload()
  await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
  await settled(page)
  expect(await subtitle(page)).toBe('STFT 4096/2048 Blackman · mel · 120 dB below the region’s top')
})

inChromium('a click is at its second at every zoom, tiles join without a seam, and a pan is never blank', async () => {
  const page = await bench.open()
  const area = plot(page, 'spectrogram', 'A')
  const { width } = await boxOf(area)
  /** seconds at the edges, from the cursor near both */
  const shown = async (): Promise<[number, number]> => {
    await hover(page, area, 1 / width)
    const from = await moment(page)
    await hover(page, area, (width - 1) / width)
    const to = await moment(page)
    const pixel = (to - from) / (width - 2)
    return [from - pixel, to + pixel]
  }
  await page.keyboard.press('0')
  await settled(page)
  let [from, to] = await shown()
  for (let zoom = 0; to - from > 0.3; zoom++) {
    const pixels = await picture(page)
    const sums = Array.from({ length: pixels.width }, (_, x) => column(pixels, x).reduce((a, b) => a + b, 0))
    const first = indexOfMost(sums)
    const run = Math.max(
      1,
      sums.slice(first).findIndex((sum) => sum !== sums[first]),
    )
    const wanted = ((clickAt - from) / (to - from)) * pixels.width
    const slack = 2 + (0.002 / (to - from)) * pixels.width
    expect(first - slack, `${to - from} s`).toBeLessThanOrEqual(wanted)
    expect(first + run + slack, `${to - from} s`).toBeGreaterThanOrEqual(wanted)
    // the tone is as bright from edge to edge, but for the click and the recording's own ends
    const y = Math.round(pixels.height * (1 - places.linear))
    const frame = (0.1 / (to - from)) * pixels.width
    const line = Array.from({ length: pixels.width }, (_, x) => x)
      .filter((x) => Math.abs(x - wanted) > frame + 3 && x > 3 && x < pixels.width - 4)
      .map((x) => Math.max(...[-1, 0, 1].map((by) => lightness(pixels.at(x, y + by)))))
    expect(Math.max(...line) - Math.min(...line), `${to - from} s`).toBeLessThanOrEqual(12)
    await hover(page, area, wanted / pixels.width)
    for (let i = 0; i < 3; i++) await page.keyboard.press('+')
    await settled(page)
    ;[from, to] = await shown()
    expect(zoom).toBeLessThan(6)
  }

  // far into what was never looked at this near: the picture of the whole stands in until the tiles are there
  await page.mouse.move(0, 0)
  const blank = await area.locator('canvas').evaluate(
    (canvas: HTMLCanvasElement) =>
      new Promise<number>((resolve) => {
        const context = canvas.getContext('2d')!
        let [most, frames] = [0, 0]
        const look = (): void => {
          if (frames % 4 === 0) document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }))
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
          let bare = 0
          for (let i = 3; i < data.length; i += 4) if (data[i] === 0) bare++
          most = Math.max(most, bare / (data.length / 4))
          if (++frames < 80) requestAnimationFrame(look)
          else resolve(most)
        }
        requestAnimationFrame(look)
      }),
  )
  expect(blank).toBe(0)
  await settled(page)
})
