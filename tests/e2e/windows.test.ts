import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import type { Run } from '../../src/contract/run.ts'
import { windowsOf } from '../../src/contract/windows.ts'
import { readNpz } from '../../src/formats/npz.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { clock } from '../../src/renderer/format.ts'
import { valuesAt } from '../../src/renderer/panes/raster-column.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  downloaded,
  finished,
  pane,
  pixelsOf,
  plot,
  settled,
  workbench,
} from '../support/workbench.ts'

/** A region longer than the model hears: run in windows, which are joined on the time axis. */

const folder = mkdtempSync(join(tmpdir(), 'otoscope-windows-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [rate, seconds] = [16_000, 50]
const path = join(folder, 'long one.wav')
/** a tone that goes up every two seconds, so that no stretch is like another */
const tone = Float32Array.from({ length: rate * seconds }, (_, n) => {
  const hertz = 300 + 150 * Math.floor(n / rate / 2)
  return 0.4 * Math.sin((2 * Math.PI * hertz * n) / rate)
})
writeFileSync(path, writeWav({ rate, channels: [tone] }))
const region: [number, number] = [0, 25]
const windows = windowsOf(region, 10.24)
/** a waveform model hears more at a time */
const longRegion: [number, number] = [0, 48]
const halves = windowsOf(longRegion, null)

const inChromium = testNeeding('chromium')
const bench = workbench(() => [path])

const firstLabel = ({ result }: Run): string => result.labels!.items.toSorted((a, b) => b.score - a.score)[0]!.label
const choose = async (page: Page, model: string, [, end]: [number, number]): Promise<void> => {
  await chooseModel(page, model)
  await page.getByRole('spinbutton', { name: 'Region end of column A in seconds' }).fill(String(end))
  await page.keyboard.press('Enter')
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.keyboard.press('f')
  await settled(page)
}
const found = async (): Promise<number> => {
  const [recording] = await bench.engine()['recordings.list']({})
  const all = windows.map(({ region: heard }) =>
    bench.engine()['runs.find']({ recording: recording!.id, region: heard, model: starters.ast }),
  )
  return (await Promise.all(all)).filter(Boolean).length
}

inChromium('what was stopped goes on where it was, and the windows are joined with their seams', async () => {
  const page = await bench.open()
  await choose(page, starters.ast, region)
  expect(windows).toHaveLength(3)
  expect(await pane(page, 'hidden', 'A').innerText()).toContain('has not run over window 2 of 3 of this region')
  // the first one done before, as by a program that then ended
  const [recording] = await bench.engine()['recordings.list']({})
  const first = { recording: recording!.id, region: windows[0]!.region, model: starters.ast }
  const before = await bench.engine()['runs.start'](first)

  const { processes } = await bench.engine()['system.card']({})
  process.kill(processes.jobs!, 'SIGSTOP')
  await page.getByTestId('run').click()
  await page.getByTestId('progress').filter({ hasText: 'window 2 of 3' }).waitFor()
  await page.getByTestId('stop-now').click()
  await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
  expect(await found()).toBe(1)

  // the first label of the window that has run, beside those that have not
  await page.getByTestId('window-before').click()
  await settled(page)
  await page.keyboard.press('f')
  const firsts = page.getByTestId('first-labels')
  await firsts.filter({ hasText: 'windows 2 to 3 have not run' }).waitFor({ state: 'attached' })
  await expect.poll(() => firsts.innerText()).toContain(`0:00.000 ${firstLabel(before)}`)
  expect(await pane(page, 'hidden', 'A').innerText()).toContain('has not run over window 2 of 3 of this region')

  await page.getByTestId('run').click()
  await finished(page)
  expect(await found()).toBe(3)
  const after = await bench.engine()['runs.find'](first)
  expect(after!.seconds).toBe(before.seconds)

  for (const one of windows) {
    const run = await bench.engine()['runs.find']({ ...first, region: one.region })
    expect(await firsts.innerText()).toContain(`${clock(one.shown[0])} ${firstLabel(run!)}`)
  }
  expect(await firsts.innerText()).not.toContain('not run')
  const strip = await pixelsOf(pane(page, 'text', 'A'))
  const bar = (seconds: number) => strip.at(Math.floor((seconds / 25) * strip.width), strip.height - 1)
  expect([bar(11), bar(24)]).toEqual([bar(5), bar(5)])
  expect(bar(5)).not.toEqual(strip.at(Math.floor((10.24 / 25) * strip.width) - 1, strip.height - 1))

  // seams at 10.24 s and 20.48 s in every pane on the axis
  const box = await boxOf(plot(page, 'hidden', 'A'))
  const [start, end] = region
  for (const kind of ['waveform', 'spectrogram', 'hidden'] as const) {
    const seams = pane(page, kind, 'A').getByTestId('seam')
    expect(await seams.count()).toBe(2)
    for (const [i, at] of [10.24, 20.48].entries()) {
      const { x } = await boxOf(seams.nth(i))
      expect(Math.abs(x - (box.x + (box.width * (at - start)) / (end - start)))).toBeLessThan(2)
    }
  }
  // hidden states are drawn left and right of both seams: some colour other than the ground's in each third
  const share = await page.evaluate(
    (places) => {
      const canvas = document.querySelector<HTMLCanvasElement>(
        '[data-testid="pane-hidden-A"] canvas:not([data-ghost])',
      )!
      const { data } = canvas.getContext('2d')!.getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1)
      return places.map((place) => data[4 * Math.floor(place * canvas.width) + 3]!)
    },
    [2 / 25, 9 / 25, 12 / 25, 19 / 25, 22 / 25, 24 / 25],
  )
  expect(share).toEqual(Array(6).fill(255))
  expect(await axe(page)).toEqual([])

  // attention is of one window: its keys begin and end there
  expect(await page.getByTestId('window').innerText()).toBe('window 2 of 3')
  await page.getByTestId('window-after').click()
  await settled(page)
  expect(await page.getByTestId('window').innerText()).toBe('window 3 of 3')
  await page.getByTestId('window-before').click()
  await page.getByTestId('window-before').click()
  await settled(page)
  expect(await page.getByTestId('window').innerText()).toBe('window 1 of 3')
  expect(await pane(page, 'hidden', 'A').getByTestId('seam').count()).toBe(0)

  // the scores of a CTC head lie over both windows of a longer region, and where one has not run that is drawn
  const ctc = { recording: recording!.id, model: starters.wav2vec2 }
  const half = await bench.engine()['runs.start']({ ...ctc, region: halves[0]!.region })
  await choose(page, starters.wav2vec2, longRegion)
  const scores = pane(page, 'text', 'A').getByRole('slider', { name: 'Scores of symbols: cursor' })
  /** the share of a row's pixels on either side of the seam that are a map's */
  const drawn = async (): Promise<[number, number]> => {
    const map = await pixelsOf(scores)
    const row = Array.from({ length: map.width }, (_, x) => (map.at(x, map.height - 2)[3] === 255 ? 1 : 0) as number)
    const seam = Math.round((map.width * halves[0]!.shown[1]) / longRegion[1])
    const mean = (part: number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length
    return [mean(row.slice(0, seam - 2)), mean(row.slice(seam + 2))]
  }
  // slanted lines leave most of the ground
  await expect.poll(async () => (await drawn()).map((share) => share > 0.7)).toEqual([true, false])
  await page.getByTestId('run').click()
  await finished(page)
  await expect.poll(drawn).toEqual([1, 1])
  const other = await bench.engine()['runs.find']({ ...ctc, region: halves[1]!.region })
  const runs = [half, other!].map(({ id }, i) => ({ run: id, shown: halves[i]!.shown }))
  const map = await pixelsOf(scores)
  const asked = { runs, range: longRegion, width: map.width, symbols: Math.floor(map.height / 5) }
  const { maps, symbols } = await bench.engine()['runs.scores'](asked)
  for (const [i, { raster, grid }] of maps.entries()) {
    const seconds = [8, 40][i]!
    const at = (row: number): number => valuesAt(raster, grid, seconds)[row]!
    const light = (row: number): number => {
      const y = Math.floor(((row + 0.5) / symbols.length) * map.height)
      const [red, green] = map.at(Math.floor((seconds / longRegion[1]) * map.width), y)
      return red + green
    }
    const rows = symbols.map((_, row) => row).sort((a, b) => at(b) - at(a))
    expect(at(rows[0]!) - at(rows.at(-1)!)).toBeGreaterThan(0.3)
    expect(light(rows[0]!)).toBeGreaterThan(light(rows.at(-1)!) + 40)
  }

  // numbers are saved of both windows, attention of the one that is looked into
  const menuOf = async (kind: 'hidden' | 'attention') => {
    await pane(page, kind, 'A')
      .getByRole('button', { name: /^More of/ })
      .click()
    return pane(page, kind, 'A').getByTestId('save-scope')
  }
  expect(await (await menuOf('attention')).innerText()).toBe('Of window 2 of 2 alone: this stays within its window.')
  await page.keyboard.press('Escape')
  expect(await (await menuOf('hidden')).innerText()).toBe('Of all 2 windows of the region, joined.')
  const file = await downloaded(page, () => page.getByTestId('save-encoder-hidden-npz-A').click())
  expect(file.name).toMatch(/^long one .*encoder\.hidden\.\d+ 2 windows\.npz$/)
  const [rows] = [...readNpz(file.bytes)].find(([name]) => name.startsWith('encoder.hidden'))![1].shape
  const steps = maps.reduce((sum, { raster }) => sum + raster.source.columns[1] - raster.source.columns[0], 0)
  expect(rows).toBe(steps)
})
