import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Span } from '../../src/contract/engine.ts'
import { edgeAt, secondsAt, timeOf } from '../../src/contract/grid.ts'
import type { Run } from '../../src/contract/run.ts'
import { colourTable } from '../../src/figures/colour-maps.ts'
import { paint } from '../../src/figures/paint.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  hover,
  indexOfMost,
  letters,
  pane,
  pixelsOf,
  plot,
  run,
  settled,
  workbench,
  type Letter,
  type Pixels,
} from '../support/workbench.ts'
import { starters } from '../support/models.ts'
import { peakOfCurve } from '../support/mint.ts'

/** Hidden states and attention as they are looked at: what is drawn is held against the numbers behind it. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const stored = async (page: Page, model: string, letter: Letter, region: [number, number] = [0, 5]): Promise<Run> => {
  const name = await page.getByTestId(`column-${letter}`).getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  const found = await bench.engine()['runs.find']({ recording: recording.id, region, model })
  if (!found) throw new Error(`no run of ${model} over ${name}`)
  return found
}
const openRun = async (model: string): Promise<Page> => {
  const page = await bench.open()
  await chooseModel(page, model)
  await run(page)
  return page
}
const map = (page: Page, letter: Letter): Locator => page.getByTestId(`attention-map-${letter}`)
const choose = async (page: Page, what: string, value: string): Promise<void> => {
  await page.getByTestId(`attention-${what}`).first().selectOption(value)
  await settled(page)
}
const subtitles = (page: Page, kind: 'hidden' | 'attention'): Promise<string[]> =>
  Promise.all(letters.map((letter) => pane(page, kind, letter).locator('header').innerText()))
const inTable = (() => {
  const table = colourTable('viridis')
  const known = new Set(Array.from({ length: 256 }, (_, i) => String([...table.subarray(4 * i, 4 * i + 3)])))
  return (pixel: number[]): boolean => known.has(String(pixel.slice(0, 3)))
})()
/** share of a stretch of columns (0 … 1) that is drawn in plain colours of the map, without a veil */
const plainShare = (picture: Pixels, from: number, to: number): number => {
  let [plain, all] = [0, 0]
  for (let y = 0; y < picture.height; y += 3)
    for (let x = Math.ceil(from * picture.width); x < Math.floor(to * picture.width); x += 3, all++)
      if (inTable(picture.at(x, y))) plain++
  return plain / all
}

inChromium('the map on the screen is the map that the engine computes, cell for cell', async () => {
  const page = await openRun(starters.whisper)
  await page.getByTestId('lock-ranges').click()
  const models = [starters.whisper, starters.wav2vec2, starters.ast]
  for (const model of models) {
    await chooseModel(page, model)
    await run(page)
    for (const letter of letters) {
      const picture = await pixelsOf(map(page, letter))
      const found = await stored(page, model, letter)
      const span: Span = { unit: 'step', range: [0, timeOf(found.grids.encoder).valid] }
      const { maps } = await bench.engine()['runs.attention']({
        run: found.id,
        tap: `encoder.attention.${found.encoder.layers - 1}`,
        heads: 'mean',
        queries: span,
        keys: span,
        width: picture.width,
        height: picture.height,
        pool: 'max',
      })
      const { raster } = maps[0]!
      const low = Math.max(0, raster.low, raster.high * 1e-3)
      const wanted = paint(raster, { map: 'viridis', low, high: raster.high, scale: 'log', unit: '' })
      let wrong = 0
      for (let r = 0; r < raster.rows; r += 3)
        for (let c = 0; c < raster.columns; c += 3) {
          const at = (i: number, n: number, pixels: number): number => Math.floor(((i + 0.5) / n) * pixels)
          const pixel = picture.at(at(c, raster.columns, picture.width), at(r, raster.rows, picture.height))
          const i = 4 * (r * raster.columns + c)
          if (pixel.some((channel, k) => Math.abs(channel - wanted[i + k]!) > 2)) wrong++
        }
      expect(wrong, `${model} ${letter}`).toBe(0)
    }
  }
})

inChromium('layer and head change in both columns', async () => {
  const page = await openRun(starters.whisper)
  const before = await Promise.all(letters.map((letter) => pixelsOf(map(page, letter))))
  await choose(page, 'layer', '0')
  await choose(page, 'head', '1')
  for (const text of await subtitles(page, 'attention')) expect(text).toContain('encoder.attention.0 · head 1')
  for (const [i, letter] of letters.entries()) {
    const now = await pixelsOf(map(page, letter))
    const changed = Array.from({ length: now.width }, (_, k) => String(now.at(k, k)) !== String(before[i]!.at(k, k)))
    expect(changed.filter(Boolean).length).toBeGreaterThan(now.width / 4)
  }
  // a small map chooses its head, and pressed again the mean of all
  const small = pane(page, 'attention', 'B').getByTestId('head-0')
  await small.click()
  for (const text of await subtitles(page, 'attention')) expect(text).toContain('· head 0')
  expect(await pane(page, 'attention', 'A').getByTestId('head-0').getAttribute('aria-pressed')).toBe('true')
  await small.click()
  for (const text of await subtitles(page, 'attention')) expect(text).toContain('· head mean')

  const slider = page.getByTestId('hidden-layer').first()
  await slider.focus()
  await page.keyboard.press('Home')
  await settled(page)
  for (const text of await subtitles(page, 'hidden')) expect(text).toContain('encoder.hidden.0')
  await page.mouse.click(800, 12)
  await page.keyboard.press('k')
  await settled(page)
  for (const text of await subtitles(page, 'hidden')) expect(text).toContain('encoder.hidden.1')
})

inChromium(
  'the row under the pointer lies over the spectrogram of both columns; pinned, it moves by keys',
  async () => {
    const page = await openRun(starters.wav2vec2)
    const runs = await Promise.all(letters.map((letter) => stored(page, starters.wav2vec2, letter)))
    const grid = timeOf(runs[0]!.grids.encoder)
    expect(peakOfCurve(await pixelsOf(plot(page, 'spectrogram', 'B')))).toBeNull()
    await hover(page, map(page, 'A'), 0.4, 0.3)
    await page.getByTestId('query-line').first().waitFor()
    const step = Math.floor(0.3 * grid.count)
    const weight = page.getByTestId('weight')
    await expect.poll(() => weight.innerText()).toContain(`A: query ${secondsAt(grid, step).toFixed(2)} s → key`)
    const heights: number[] = []
    for (const [i, letter] of letters.entries()) {
      const { values } = await bench.engine()['runs.attentionLine']({
        run: runs[i]!.id,
        tap: `encoder.attention.${runs[i]!.encoder.layers - 1}`,
        heads: 'mean',
        line: 'row',
        index: step,
      })
      const area = plot(page, 'spectrogram', letter)
      const width = (await boxOf(area)).width
      const xOf = (k: number): number => (secondsAt(grid, k) / 5) * width
      await expect
        .poll(async () => {
          const peak = peakOfCurve(await pixelsOf(area))
          if (!peak) return 'no curve'
          // several steps may be as high as the highest to within a pixel: heights are logarithmic
          const most = values[indexOfMost(values)]!
          const high = values.findLastIndex((value, k) => value > 0.9 * most && Math.abs(xOf(k) - peak.x) <= 3)
          return high >= 0 ? 'at the peak' : `at ${peak.x}`
        })
        .toBe('at the peak')
      heights.push((await boxOf(map(page, letter).getByTestId('query-line'))).y - (await boxOf(map(page, letter))).y)
    }
    expect(Math.abs(heights[0]! - 0.3 * (await boxOf(map(page, 'A'))).height)).toBeLessThanOrEqual(2)
    expect(heights[1]).toBeCloseTo(heights[0]!, 0)

    const box = await boxOf(map(page, 'A'))
    await page.mouse.click(box.x + 0.4 * box.width, box.y + 0.3 * box.height)
    await expect.poll(() => weight.innerText()).toContain('pinned')
    await page.mouse.move(800, 12)
    for (const [key, by] of [
      ['ArrowDown', 1],
      ['ArrowDown', 2],
      ['ArrowUp', 1],
    ] as const) {
      await page.keyboard.press(key)
      await expect.poll(() => weight.innerText()).toContain(`query ${secondsAt(grid, step + by).toFixed(2)} s`)
    }
    await page.keyboard.press('p')
    await expect.poll(() => page.getByTestId('query-line').count()).toBe(0)
    await expect.poll(async () => peakOfCurve(await pixelsOf(plot(page, 'spectrogram', 'A')))).toBeNull()
  },
)

inChromium('the extent is 200 steps, which Whisper takes 4 s for, the region, or all with padding marked', async () => {
  const page = await openRun(starters.whisper)
  const lastQuery = async (): Promise<string> => {
    await hover(page, map(page, 'A'), 0.1, 0.998)
    return page.getByTestId('weight').innerText()
  }
  await choose(page, 'extent', 'steps')
  await expect.poll(lastQuery).toContain('query 3.98 s')
  expect(plainShare(await pixelsOf(map(page, 'A')), 0, 1)).toBe(1)
  await choose(page, 'extent', 'region')
  await expect.poll(lastQuery).toContain('query 4.98 s')
  expect(plainShare(await pixelsOf(map(page, 'A')), 0, 1)).toBe(1)
  await choose(page, 'extent', 'all')
  await expect.poll(lastQuery).toMatch(/query 29\.[89]\d s/)
  await page.mouse.move(800, 12)
  const picture = await pixelsOf(map(page, 'A'))
  const { grids } = await stored(page, starters.whisper, 'A')
  const { valid, count } = timeOf(grids.encoder)
  expect(valid).toBeLessThan(count)
  expect(plainShare(picture, (valid + 8) / count, 1)).toBeLessThan(0.3)
  expect(await pane(page, 'attention', 'A').innerText()).toMatch(/\d+ % of the weight on padding/)
})

inChromium("Whisper's decoder shows its own attention and the one across, a row per token", async () => {
  const page = await openRun(starters.whisper)
  const found = await stored(page, starters.whisper, 'A')
  const count = found.result.tokens!.length
  await choose(page, 'kind', 'decoder')
  const last = found.decoder!.layers - 1
  expect((await subtitles(page, 'attention'))[0]).toContain(
    `decoder.attention.${last} · head mean · ${count} × ${count}`,
  )
  // a token cannot look at those after it
  const own = await pixelsOf(map(page, 'A'))
  const cell = own.width / count
  const dark = String([...colourTable('viridis').subarray(0, 4)])
  expect(String(own.at(Math.floor(own.width - cell / 2), Math.floor(cell / 2)))).toBe(dark)
  expect(String(own.at(Math.floor(cell / 2), Math.floor(cell / 2)))).not.toBe(dark)

  await choose(page, 'kind', 'cross')
  expect((await subtitles(page, 'attention'))[0]).toContain(`cross.attention.${last} · head mean · ${count} × 1500`)
  await hover(page, map(page, 'A'), 0.5, 2.5 / count)
  await expect.poll(() => page.getByTestId('weight').innerText()).toContain('A: token 2 → key')
  await expect.poll(async () => peakOfCurve(await pixelsOf(plot(page, 'spectrogram', 'A')))).not.toBeNull()
  // a token's own button looks at its row too
  const chip = pane(page, 'text', 'A').getByRole('list', { name: 'Tokens' }).getByRole('button').nth(4)
  await chip.click()
  expect(await chip.getAttribute('aria-pressed')).toBe('true')
  await expect.poll(() => page.getByTestId('weight').innerText()).toContain('A: token 4')
})

inChromium('a run over a part of the recording lies where that part lies', async () => {
  const page = await bench.open()
  await chooseModel(page, starters.wav2vec2)
  for (const [edge, value] of [
    ['start', '1'],
    ['end', '3'],
  ] as const) {
    const field = page.getByRole('spinbutton', { name: `Region ${edge} of column A in seconds` })
    await field.fill(value)
    await field.press('Enter')
  }
  await run(page)
  const found = await stored(page, starters.wav2vec2, 'A', [1, 3])
  const grid = timeOf(found.grids.encoder)
  expect(grid.start).toBeCloseTo(1.02434, 4)
  const picture = await pixelsOf(plot(page, 'hidden', 'A'))
  const filled = Array.from({ length: picture.width }, (_, x) => picture.at(x, 10)[3] > 0)
  expect(Math.abs(filled.indexOf(true) - (edgeAt(grid, 0) / 5) * picture.width)).toBeLessThanOrEqual(2)
  expect(Math.abs(filled.lastIndexOf(true) + 1 - (edgeAt(grid, grid.count) / 5) * picture.width)).toBeLessThanOrEqual(2)
})
