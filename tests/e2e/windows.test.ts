import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import type { Run } from '../../src/contract/run.ts'
import { joinWindows, type WindowRun } from '../../src/contract/joined.ts'
import { windowsOf } from '../../src/contract/windows.ts'
import { readNpz } from '../../src/formats/npz.ts'
import { writeWav } from '../../src/formats/wav.ts'
import { clock, seconds as saySeconds } from '../../src/renderer/format.ts'
import { valuesAt } from '../../src/renderer/panes/raster-column.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { repeatedVoice } from '../support/sounds.ts'
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
const [rate, seconds] = [16_000, 26]
const path = join(folder, 'long one.wav')
/** behind the tone: three windows of a model that writes, in each of which somebody speaks for eight seconds */
const spoken: [number, number] = [26, 96]
/** a tone that goes up every two seconds, so that no stretch is like another */
const tone = Float32Array.from({ length: rate * seconds }, (_, n) => {
  const hertz = 300 + 150 * Math.floor(n / rate / 2)
  return 0.4 * Math.sin((2 * Math.PI * hertz * n) / rate)
})
const sound = new Float32Array(rate * (spoken[1] + 1))
sound.set(tone)
for (const at of [26, 56, 86]) sound.set(repeatedVoice(8), at * rate)
writeFileSync(path, writeWav({ rate, channels: [sound] }))
const region: [number, number] = [0, 25]
const windows = windowsOf(region, 10.24)
/** a waveform model hears more at a time */
const longRegion: [number, number] = [0, 48]
const halves = windowsOf(longRegion, null)

const inChromium = testNeeding('chromium')
const bench = workbench(() => [path])

const firstLabel = ({ result }: Run): string => result.labels!.items.toSorted((a, b) => b.score - a.score)[0]!.label
const choose = async (page: Page, model: string, [start, end]: [number, number]): Promise<void> => {
  await chooseModel(page, model)
  for (const [edge, at] of [
    ['end', end],
    ['start', start],
  ] as const) {
    await page.getByRole('spinbutton', { name: `Region ${edge} of column A in seconds` }).fill(String(at))
    await page.keyboard.press('Enter')
  }
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.keyboard.press('f')
  await settled(page)
}
/** the first two windows of what is spoken, run as by a program that then ended, and the third that has not */
const spokenWindows = async (model: string, maxSeconds: number | null): Promise<WindowRun[]> => {
  const calls = bench.engine()
  const [recording] = await calls['recordings.list']({})
  const all: WindowRun[] = windowsOf(spoken, maxSeconds).map((window) => ({ window, run: null }))
  expect(all).toHaveLength(3)
  for (const [i, { region }] of windowsOf(spoken, maxSeconds).slice(0, 2).entries()) {
    const run = await calls['runs.start']({ recording: recording!.id, region, model })
    const words = run.decoder ? (await calls['runs.words']({ run: run.id })).words : null
    all[i] = { ...all[i]!, run, words }
  }
  return all
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

  // words of two windows stand at their seconds of the recording, and where the third has not run that is said
  const written = await spokenWindows(starters.whisper, 30)
  await choose(page, starters.whisper, spoken)
  const text = pane(page, 'text', 'A')
  const axis = await boxOf(plot(page, 'waveform', 'A'))
  const perSecond = axis.width / (spoken[1] - spoken[0])
  const gap = text.getByText('window 3 has not run', { exact: true })
  await gap.waitFor()
  // its words come after its text
  await text.locator('button.word').first().waitFor()
  await settled(page)
  expect(await page.getByTestId('window').innerText()).toBe('window 2 of 3')
  const wanted = joinWindows(written).words!
  // those of the window looked into, and of the other one; there some are too narrow to be told apart, and not drawn
  for (const [list, from, to] of [
    ['Other windows', 26, 56],
    ['Words', 56, 86],
  ] as const) {
    const buttons = text.getByRole('list', { name: list }).locator('button.word')
    await expect.poll(() => buttons.count()).toBeGreaterThan(3)
    const drawn = await buttons.evaluateAll((all) =>
      all.map((one) => ({ text: one.textContent!.trim(), left: one.getBoundingClientRect().left })),
    )
    const words = drawn.map((one) => ({ text: one.text, start: spoken[0] + (one.left - axis.x) / perSecond }))
    const starts = words.map(({ start }) => start)
    expect([Math.min(...starts) > from - 0.1, Math.max(...starts) < to]).toEqual([true, true])
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    const unlike = words.filter(
      ({ text, start }) => !wanted.some((word) => word.text === text && Math.abs(word.start - start) < 1.5 / perSecond),
    )
    expect(unlike).toEqual([])
  }
  expect(Math.abs((await boxOf(gap)).x - axis.x - (86 - spoken[0]) * perSecond)).toBeLessThan(3)
  expect((await boxOf(gap)).width).toBeGreaterThan(9 * perSecond)

  // and so do characters, over the seam between two windows
  const spelt = joinWindows(await spokenWindows(starters.wav2vec2, null)).characters!
  expect(spelt.map(({ start }) => start)).toEqual(spelt.map(({ start }) => start).toSorted((a, b) => a - b))
  expect(new Set(spelt.map(({ window }) => window))).toEqual(new Set([0, 1]))
  await chooseModel(page, starters.wav2vec2)
  const listed = spelt.map((one) => `${one.text} at ${saySeconds(one.start)}`).join(', ')
  await expect.poll(() => text.locator('.unseen').allTextContents()).toContain(`${listed}, window 3 has not run`)
  const line = await pixelsOf(text)
  const seams = [...windowsOf(spoken, null).map(({ shown }) => shown[0]), spoken[1]]
  // bars in the column's blue in the first two windows, and none in the third
  const blue = seams.slice(1).map((to, i) => {
    const [first, last] = [seams[i]!, to].map((at) => Math.floor(((at - spoken[0]) / 70) * line.width))
    const feet = Array.from({ length: last! - first! - 2 }, (_, x) => line.at(first! + 1 + x, line.height - 1))
    return feet.filter(([red, , blue, alpha]) => alpha > 60 && blue - red > 60).length
  })
  expect([blue[0]! > 20, blue[1]! > 20, blue[2]]).toEqual([true, true, 0])

  // what the model hears is that of every window, whichever is looked into
  await page.keyboard.press('Shift+W')
  await settled(page)
  const words = await pane(page, 'waveform', 'A').locator('header .cut').innerText()
  expect(words).toContain('zero mean, unit variance · 3 windows, each by itself')
  const wave = await pixelsOf(plot(page, 'waveform', 'A'))
  const tall = [26, 56, 86].map((at) => {
    const [first, last] = [at + 0.5, at + 7.5].map((edge) => Math.floor(((edge - spoken[0]) / 70) * wave.width))
    const y = Math.round(0.45 * wave.height)
    return Array.from({ length: last! - first! }, (_, x) => wave.at(first! + x, y)[3]).filter((alpha) => alpha > 120)
  })
  expect(tall.map(({ length }) => length > 10)).toEqual([true, true, true])
  await page.keyboard.press('Shift+W')
})

inChromium('what is being saved can be cancelled, and then saved after all', async () => {
  const page = await bench.open()
  const calls = bench.engine()
  const [recording] = await calls['recordings.list']({})
  for (const window of halves)
    await calls['runs.start']({ recording: recording!.id, region: window.region, model: starters.wav2vec2 })
  await choose(page, starters.wav2vec2, longRegion)
  const hidden = pane(page, 'hidden', 'A')
  await hidden.getByRole('button', { name: /^More of/ }).click()
  const save = page.getByTestId('save-encoder-hidden-npz-A')
  const files: string[] = []
  page.on('download', (download) => files.push(download.suggestedFilename()))

  // the engine is held still, as a slow disk would hold it, until Cancel has been pressed
  const { child } = bench.served()
  child.kill('SIGSTOP')
  try {
    await save.click()
    await hidden.getByText('saving 0 %').waitFor()
    expect(await save.isDisabled()).toBe(true)
    await hidden.getByRole('button', { name: 'Cancel saving' }).click()
    await hidden.getByText('numbers as').waitFor()
  } finally {
    child.kill('SIGCONT')
  }
  await expect.poll(() => save.isEnabled()).toBe(true)
  // the engine answers in order: what it was asked before is over
  await settled(page)
  expect(files).toEqual([])
  expect(await page.getByRole('alert').getByTestId('error').count()).toBe(0)

  const file = await downloaded(page, () => save.click())
  expect(file.name).toMatch(/ 2 windows\.npz$/)
  await expect.poll(() => files).toEqual([file.name])
})

inChromium(
  'windows whose results the cache could not hold together are refused before the first one runs',
  async () => {
    const page = await bench.open()
    const calls = bench.engine()
    const whole: [number, number] = [2, 96]
    const [recording] = await calls['recordings.list']({})
    const stored = async (): Promise<number> => {
      const all = windowsOf(whole, null).map(({ region }) =>
        calls['runs.find']({ recording: recording!.id, region, model: starters.wav2vec2 }),
      )
      return (await Promise.all(all)).filter(Boolean).length
    }
    expect(await stored()).toBe(0)
    await choose(page, starters.wav2vec2, whole)
    const note = pane(page, 'hidden', 'A').getByTestId('memory-note')
    expect(await note.count()).toBe(0)
    await calls['settings.change']({ cacheLimit: 10e6 })
    try {
      const sentence =
        /on the 4 windows of this region take about \d+ MB and the cache may hold 10 MB: choose a shorter/
      await note.filter({ hasText: sentence }).waitFor()
      await page.getByTestId('run').click()
      await page.getByRole('alert').filter({ hasText: sentence }).waitFor()
      await finished(page)
      expect(await stored()).toBe(0)
      await note.getByRole('button', { name: /^Take its first / }).click()
      await note.waitFor({ state: 'detached' })
      await pane(page, 'hidden', 'A').getByTestId('estimate').waitFor()
    } finally {
      await calls['settings.change']({ cacheLimit: 4e9 })
    }
  },
)

inChromium('windows that the store has pushed out meanwhile are run again, without a reload', async () => {
  const page = await bench.open()
  const calls = bench.engine()
  const [recording] = await calls['recordings.list']({})
  const question = { recording: recording!.id, model: starters.wav2vec2 }
  await choose(page, starters.wav2vec2, longRegion)
  await page.getByTestId('run').click()
  await finished(page)
  const hidden = pane(page, 'hidden', 'A')
  expect(await hidden.innerText()).not.toContain('has not run')

  /** somebody else's results, for which the cache has room alone */
  const pushOut = async (others: [number, number]): Promise<void> => {
    await calls['settings.change']({ cacheLimit: 10e6 })
    await calls['runs.start']({ ...question, region: others })
    await calls['settings.change']({ cacheLimit: 4e9 })
    for (const { region } of halves) expect(await calls['runs.find']({ ...question, region })).toBeNull()
  }
  const isBack = async (): Promise<void> => {
    for (const { region } of halves) expect(await calls['runs.find']({ ...question, region })).not.toBeNull()
  }

  await pushOut([52, 84])
  await page.keyboard.press('+')
  await hidden.filter({ hasText: /has not run over window \d of 2 of this region/ }).waitFor()
  await page.getByTestId('run').click()
  await finished(page)
  await page.keyboard.press('f')
  await settled(page)
  expect(await hidden.innerText()).not.toMatch(/has not run|no longer in the store/)
  await isBack()

  // no pane has noticed yet
  await pushOut([53, 85])
  await page.getByTestId('run').click()
  await finished(page)
  await isBack()
})
