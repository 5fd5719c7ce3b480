/**
 * `node tests/bench/spectrogram.ts [file]` (after `npm run build`): the spectrogram of an hour in Chromium, zoomed from the whole to single frames and
 * panned at every zoom. Milliseconds from the key to the first frame that shows another picture, and to the exact tiles, against what
 * is wanted: 50 and 300. Without a file an hour of noise and a tone is made by ffmpeg, as FLAC.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launch } from '../support/browser.ts'
import { ffmpegPath } from '../support/needs.ts'
import { serve } from '../support/served.ts'
import { boxOf, hover, plot, settled } from '../support/workbench.ts'
import { median, printTable, type Row } from './measure.ts'

const folder = mkdtempSync(join(tmpdir(), 'otoscope-hour-'))
const hour = (): string => {
  const file = join(folder, 'hour.flac')
  const sources = ['anoisesrc=r=48000:a=0.1:d=3600:c=pink:seed=1', 'sine=frequency=1000:beep_factor=4:r=48000:d=3600']
  const inputs = sources.flatMap((source) => ['-f', 'lavfi', '-i', source])
  execFileSync(ffmpegPath, ['-v', 'error', '-nostdin', ...inputs, '-filter_complex', 'amix=2', '-ac', '2', file])
  return file
}
const served = await serve([process.argv[2] ?? hour()])
const browser = await launch()
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
await page.goto(served.url)
await page.getByTestId('run').and(page.locator(':enabled')).waitFor({ timeout: 120_000 })
await page.getByTestId('pane-spectrogram-A').waitFor({ timeout: 120_000 })
await settled(page)

/** Milliseconds from a key to the first frame with another picture, and to the first in which nothing is awaited. */
const answered = (target: Page, key: string): Promise<{ first: number; exact: number }> =>
  target.evaluate(
    (key) =>
      new Promise((resolve) => {
        const pane = document.querySelector('[data-testid="pane-spectrogram-A"]')!
        const canvas = pane.querySelector('canvas')!
        const small = Object.assign(document.createElement('canvas'), { width: 64, height: 32 })
        const context = small.getContext('2d', { willReadFrequently: true })!
        const look = (): string => {
          context.clearRect(0, 0, 64, 32)
          context.drawImage(canvas, 0, 0, 64, 32)
          return context.getImageData(0, 0, 64, 32).data.join()
        }
        const before = look()
        const began = performance.now()
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
        let first = NaN
        const next = (): void => {
          const passed = performance.now() - began
          if (Number.isNaN(first) && look() !== before) first = passed
          const isBusy = pane.querySelector('[aria-busy="true"]') !== null
          if ((!isBusy && !Number.isNaN(first)) || passed > 20_000) resolve({ first, exact: passed })
          else requestAnimationFrame(next)
        }
        requestAnimationFrame(next)
      }),
    key,
  )

const { width } = await boxOf(plot(page, 'spectrogram', 'A'))
await page.keyboard.press('0')
await settled(page)
await hover(page, plot(page, 'spectrogram', 'A'), 0.5)
const zooms: { first: number; exact: number }[] = []
const pans: typeof zooms = []
let visible = 3600
for (; visible > 0.3; visible *= 0.6) {
  zooms.push(await answered(page, '+'))
  await settled(page)
  for (const key of ['d', 'a', 'a', 'd']) {
    pans.push(await answered(page, key))
    await settled(page)
  }
  const last = { zoom: zooms.at(-1)!, pan: pans.slice(-4) }
  const of = (what: 'first' | 'exact'): string =>
    [last.zoom, ...last.pan].map((one) => one[what].toFixed(0).padStart(5)).join(' ')
  console.log(`${(visible * 0.6).toFixed(2).padStart(8)} s  first ${of('first')}   exact ${of('exact')} ms`)
}
const row = (what: string, values: number[], wanted: number): Row => ({
  what,
  against: 'wanted',
  ours: median(values),
  baseline: wanted,
  ratio: median(values) / wanted,
})
const rows = (what: string, all: typeof zooms): Row[] => {
  const [first, exact] = [all.map((one) => one.first), all.map((one) => one.exact)]
  return [
    row(`${what}: first picture`, first, 50),
    row(`${what}: first picture, slowest`, [Math.max(...first)], 50),
    row(`${what}: exact tiles`, exact, 300),
    row(`${what}: exact tiles, slowest`, [Math.max(...exact)], 300),
  ]
}
console.log(`an hour on ${width} pixels, ${zooms.length} zooms`)
printTable([...rows('zoom', zooms), ...rows('pan', pans)])
await browser.close()
await served.close()
rmSync(folder, { recursive: true })
