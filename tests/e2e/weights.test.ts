import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { AttentionMap } from '../../src/contract/engine.ts'
import { secondsAt, timeOf } from '../../src/contract/grid.ts'
import type { Run } from '../../src/contract/run.ts'
import type { Range } from '../../src/contract/tensor.ts'
import type { WeightKind } from '../../src/contract/weights.ts'
import { paint } from '../../src/figures/paint.ts'
import { audibleCells, contrasted, type Contrast } from '../../src/renderer/panes/weight-contrast.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  indexOfMost,
  letters,
  pane,
  pixelsOf,
  plot,
  run,
  settled,
  workbench,
  type Pixels,
} from '../support/workbench.ts'

/** What is shown of attention's weights, how it is coloured, and where the pinned moment's curves lie: held against the engine's numbers. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const stored = async (page: Page, model: string): Promise<Run> => {
  const name = await page.getByTestId('column-A').getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  return (await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model }))!
}
const openRun = async (model: string): Promise<{ page: Page; found: Run }> => {
  const page = await bench.open()
  await chooseModel(page, model)
  await run(page)
  // one column's colours are its own
  await page.getByTestId('lock-ranges').click()
  return { page, found: await stored(page, model) }
}
const map = (page: Page): Locator => page.getByTestId('attention-map-A')
const press = async (page: Page, key: string): Promise<void> => {
  await page.keyboard.press(key)
  await settled(page)
}
const header = (page: Page): Promise<string> => pane(page, 'attention', 'A').locator('header').innerText()
const lastTap = (found: Run): string => `encoder.attention.${found.encoder.layers - 1}`

/** What the engine gives for a map as large as the one on the screen. */
const wanted = (
  found: Run,
  { width, height }: Pixels,
  steps: { queries: Range; keys: Range },
  weights: WeightKind,
  audioOnly: boolean,
): Promise<AttentionMap> =>
  bench.engine()['runs.attention']({
    run: found.id,
    tap: lastTap(found),
    heads: 'mean',
    queries: { unit: 'step', range: steps.queries },
    keys: { unit: 'step', range: steps.keys },
    ...{ width, height, pool: 'max', weights, audioOnly },
  })

/** Cells of a map on the screen whose middle has another colour than the engine's number should have. */
const wrongCells = (picture: Pixels, answer: AttentionMap, contrast: Contrast): number => {
  const { raster } = answer.maps[0]!
  const range: Range = [Math.max(0, raster.low), Math.max(raster.high, 1e-9)]
  const shown = contrasted(raster, contrast, range, audibleCells(raster, answer))
  const colours = paint(shown.raster, shown.colour)
  const middle = (i: number, n: number, pixels: number): number => Math.floor(((i + 0.5) / n) * pixels)
  let wrong = 0
  for (let r = 0; r < raster.rows; r += 3)
    for (let c = 0; c < raster.columns; c += 3) {
      const pixel = picture.at(middle(c, raster.columns, picture.width), middle(r, raster.rows, picture.height))
      const i = 4 * (r * raster.columns + c)
      if (pixel.some((channel, k) => Math.abs(channel - colours[i + k]!) > 2)) wrong++
    }
  return wrong
}

inChromium(
  'weights, padding and contrast are changed by keys, said, and drawn as the engine computes them',
  async () => {
    const { page, found } = await openRun(starters.ast)
    const { valid } = timeOf(found.grids.encoder)
    const audio: Range = [0, valid]
    const check = async (weights: WeightKind, audioOnly: boolean, contrast: Contrast): Promise<void> => {
      const picture = await pixelsOf(map(page))
      const answer = await wanted(found, picture, { queries: audio, keys: audio }, weights, audioOnly)
      expect(wrongCells(picture, answer, contrast), `${weights} ${contrast}`).toBe(0)
    }
    expect(await header(page)).toContain('raw · as computed · log')
    const { processes } = await bench.engine()['system.card']({})
    // the process that rolls out stands still, so that there is something to see
    process.kill(processes.queries!, 'SIGSTOP')
    try {
      await page.keyboard.press('q')
      await pane(page, 'attention', 'A').getByRole('progressbar', { name: 'Rolling attention out' }).waitFor()
      await pane(page, 'attention', 'A').getByTestId('rollout-cancel').click()
      expect(await pane(page, 'attention', 'A').innerText()).toContain('The rollout was stopped')
    } finally {
      process.kill(processes.queries!, 'SIGCONT')
    }
    await pane(page, 'attention', 'A').getByTestId('rollout-again').click()
    await settled(page)
    expect(await header(page)).toContain('rollout · as computed · log')
    await check('rollout', false, 'log')

    await press(page, 'q')
    expect(await header(page)).toContain('value-weighted · as computed · log')
    await check('values', false, 'log')
    await press(page, 'Shift+Q')
    expect(await header(page)).toContain('value-weighted · audio only · log')
    expect(await pane(page, 'attention', 'A').innerText()).toContain(
      'padding left out, each head’s rows scaled to sum to 1',
    )
    await check('values', true, 'log')
    for (const contrast of ['linear', 'percentile', 'row'] as const) {
      await press(page, 'y')
      await check('values', true, contrast)
    }
    expect(await header(page)).toContain('by row')
    expect(await axe(page)).toEqual([])

    // across there is nothing to roll out, and that is said
    await chooseModel(page, starters.whisper)
    await run(page)
    await page.getByTestId('attention-kind').first().selectOption('cross')
    await page.getByTestId('attention-weights').first().selectOption('rollout')
    await settled(page)
    expect(await pane(page, 'attention', 'A').innerText()).toContain('cross-attention looks elsewhere')
  },
)

/** Pixels of one of the two curves, leftmost first, by their colour. */
const curve = (picture: Pixels, colour: readonly number[]): { x: number; y: number }[] => {
  const points: { x: number; y: number }[] = []
  for (let x = 0; x < picture.width; x++)
    for (let y = 0; y < picture.height; y++)
      if (colour.every((channel, i) => Math.abs(picture.at(x, y)[i]! - channel) < 14)) points.push({ x, y })
  return points
}
const curveColours = { row: [127, 240, 196], column: [227, 196, 255] } as const
const legend = (page: Page, kind: 'waveform' | 'spectrogram'): Locator =>
  pane(page, kind, 'A').getByTestId('curve-legend')

inChromium(
  'a pinned moment is two curves over waveform and spectrogram, and the map is zoomed to its steps',
  async () => {
    const { page, found } = await openRun(starters.wav2vec2)
    const grid = timeOf(found.grids.encoder)
    await press(page, 'y') // heights in proportion to weights
    expect(await legend(page, 'waveform').count()).toBe(0)
    const box = await boxOf(map(page))
    const step = Math.floor(0.3 * grid.count)
    await page.mouse.click(box.x + 0.6 * box.width, box.y + (box.height * (step + 0.5)) / grid.count)
    await page.mouse.move(800, 12)
    await settled(page)
    for (const kind of ['waveform', 'spectrogram'] as const) {
      const text = await legend(page, kind).innerText()
      expect(text).toMatch(/row ≤ [\d.]+\s+column ≤ [\d.]+\s+linear/)
      const picture = await pixelsOf(plot(page, kind, 'A'))
      for (const line of ['row', 'column'] as const) {
        const { values } = await bench.engine()['runs.attentionLine']({
          run: found.id,
          tap: lastTap(found),
          heads: 'mean',
          line,
          index: step,
        })
        const x = (secondsAt(grid, indexOfMost(values)) / 5) * picture.width
        const points = curve(picture, curveColours[line])
        expect(points.length, `${kind} ${line}`).toBeGreaterThan(40)
        const top = Math.min(...points.map(({ y }) => y))
        expect(
          points.some((point) => point.y <= top + 2 && Math.abs(point.x - x) < 8),
          `${kind} ${line} is highest at ${x}`,
        ).toBe(true)
      }
    }
    // both columns have them, and both lose them
    for (const letter of letters)
      expect(await pane(page, 'waveform', letter).getByTestId('curve-legend').count()).toBe(1)
    await pane(page, 'attention', 'A').getByRole('button', { name: 'More of attention, column A' }).click()
    await page.getByTestId('attention-curves').first().uncheck()
    await page.keyboard.press('Escape')
    await settled(page)
    expect(await legend(page, 'spectrogram').count()).toBe(0)
    expect(curve(await pixelsOf(plot(page, 'waveform', 'A')), curveColours.column)).toEqual([])

    // the step under the pointer stays there while the map comes closer
    const at = { x: box.x + 0.7 * box.width, y: box.y + 0.2 * box.height }
    await page.mouse.move(at.x, at.y)
    const under = async (): Promise<string> =>
      /key [\d.]+ m?s/.exec(await page.getByTestId('weight').innerText())?.[0] ?? ''
    const before = await under()
    await page.keyboard.down('Control')
    for (let i = 0; i < 8; i++) await page.mouse.wheel(0, -120)
    await page.keyboard.up('Control')
    await settled(page)
    expect(await header(page)).toMatch(/zoom \d+/)
    expect(await under()).toBe(before)
    const [first, last] = await Promise.all(
      ['aria-valuemin', 'aria-valuemax'].map(async (name) => Number(await map(page).getAttribute(name))),
    )
    expect(last! - first!).toBeLessThan(12)
    // cells of single steps, each in one plain colour
    const picture = await pixelsOf(map(page))
    const count = last! - first! + 1
    const cell = picture.height / count
    expect(cell).toBeGreaterThan(20)
    for (let i = 0; i < count; i++) {
      const edge = Math.round(i * cell)
      const inside = [2, cell / 2, cell - 3].map((by) => String(picture.at(2, Math.floor(edge + by))))
      expect(new Set(inside).size).toBe(1)
    }
    await map(page).focus()
    await press(page, '-')
    expect(Number(await map(page).getAttribute('aria-valuemax'))).toBeGreaterThan(last!)
    await press(page, '0')
    expect(await header(page)).not.toContain('zoom')
    expect(Number(await map(page).getAttribute('aria-valuemax'))).toBe(grid.count - 1)
  },
)
