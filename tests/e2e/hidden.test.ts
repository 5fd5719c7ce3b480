import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { HiddenMap } from '../../src/contract/engine.ts'
import { edgeAt, secondsAt, timeOf } from '../../src/contract/grid.ts'
import type { DimensionOrder, LayerSimilarity } from '../../src/contract/hidden.ts'
import type { Run } from '../../src/contract/run.ts'
import { planeOf } from '../../src/renderer/panes/hidden/plane.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  hover,
  indexOfMost,
  letters,
  moment,
  pane,
  pixelsOf,
  plot,
  run,
  settled,
  workbench,
  type Letter,
} from '../support/workbench.ts'

/** Layers under each other, dimensions in order and one by one, runs beside runs: what is on the screen is held against the engine's numbers. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const stored = async (page: Page, model: string, letter: Letter): Promise<Run> => {
  const name = await page.getByTestId(`column-${letter}`).getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  return (await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model }))!
}
const view = async (page: Page, name: string): Promise<void> => {
  await page.getByTestId('hidden-view').first().selectOption(name)
  await settled(page)
}
const header = (page: Page, letter: Letter): Promise<string> =>
  pane(page, 'hidden', letter).locator('header').innerText()

/** the map as it is asked for when 0 to 5 s are visible */
const mapOf = (
  of: Run,
  tap: string,
  size: { width: number; height: number },
  order: DimensionOrder,
): Promise<HiddenMap> => {
  const grid = timeOf(of.grids.encoder)
  const round = (value: number): number => Math.round(value * 1000) / 1000
  const range = [round(Math.max(0, edgeAt(grid, 0))), round(Math.min(5, edgeAt(grid, grid.count)))] as [number, number]
  const steps = { unit: 'second' as const, range }
  return bench.engine()['runs.hidden']({ run: of.id, tap, steps, dimensions: [0, 128], order, pool: 'mean', ...size })
}

inChromium('all layers lie under each other with one number each, and a press shows one large', async () => {
  const page = await bench.open({ width: 1440, height: 900 })
  await chooseModel(page, starters.wav2vec2)
  await run(page)
  // the slider and its number are one
  const slider = pane(page, 'hidden', 'A').getByRole('slider', { name: 'Hidden layer' })
  await slider.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  for (const letter of letters)
    expect(await pane(page, 'hidden', letter).getByTestId('hidden-layer-number').inputValue()).toBe('1')
  await page.mouse.click(800, 12)
  await page.keyboard.press('u')
  await settled(page)

  const found = await stored(page, starters.wav2vec2, 'A')
  const { rms } = await bench.engine()['runs.layerSizes']({ run: found.id, side: 'encoder' })
  const strips = page.getByTestId('layers-A').getByRole('button')
  const said = await strips.evaluateAll((all) => all.map((one) => one.querySelector('.unseen')?.textContent))
  expect(said).toEqual(Array.from(rms, (value, i) => `encoder.hidden.${i}, RMS ${Number(value.toPrecision(3))}`))
  expect(await header(page, 'A')).toContain('encoder.hidden.0–5 · dims 0–127')

  // the greatest value of a layer is red where it lies, and the least blue
  const pixels = await pixelsOf(strips.nth(2))
  const { raster, grid } = await mapOf(found, 'encoder.hidden.2', pixels, 'index')
  const left = (edgeAt(grid!, 0) / 5) * pixels.width
  const colourOf = (cell: number): [number, number, number, number] => {
    const [row, column] = [Math.floor(cell / raster.columns), cell % raster.columns]
    const stretch = ((edgeAt(grid!, raster.source.columns[1]) / 5) * pixels.width - left) / raster.columns
    const y = pixels.height * (1 - (row + 0.5) / raster.rows)
    return pixels.at(Math.floor(left + (column + 0.5) * stretch), Math.floor(y))
  }
  const [warm, cold] = [colourOf(indexOfMost(raster.data)), colourOf(indexOfMost(raster.data.map((value) => -value)))]
  expect(warm[0] - warm[2], `${warm}`).toBeGreaterThan(60)
  expect(cold[2] - cold[0], `${cold}`).toBeGreaterThan(60)
  expect(await axe(page)).toEqual([])

  await strips.nth(1).focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await settled(page)
  for (const letter of letters) expect(await header(page, letter)).toContain('encoder.hidden.3')
  await ordersAndCurve(page)
})

/** the row that is looked at, as it is said over the map of column A */
const rowSaid = (page: Page): Promise<string> => pane(page, 'hidden', 'A').getByTestId('row-said').innerText()

/** goes on from the map of layer 3 of Wav2Vec2: a page of its own would cost seconds */
const ordersAndCurve = async (page: Page): Promise<void> => {
  const found = await stored(page, starters.wav2vec2, 'A')
  const tap = 'encoder.hidden.3'
  await page.mouse.click(800, 12)
  await page.keyboard.press("'")
  await settled(page)
  expect(await header(page, 'A')).toContain('rows 0–127 by variance')
  const map = plot(page, 'hidden', 'A')
  const { indices } = await mapOf(found, tap, { width: 100, height: 100 }, 'variance')
  await hover(page, map, 0.5, 0.999)
  expect(await rowSaid(page)).toContain(`dimension ${indices[0]} · row 0 by variance`)
  await hover(page, map, 0.5, 0.001)
  expect(await rowSaid(page)).toContain(`dimension ${indices[127]} · row 127 by variance`)
  // the row says its own value where its cell is its alone
  const at = await moment(page)
  const step = Math.round((at - timeOf(found.grids.encoder).start) / 0.02)
  expect(await rowSaid(page)).toContain(`step ${step}: `)

  await page.keyboard.press('Escape')
  await page.mouse.move(800, 12)
  await page.keyboard.press("'")
  await settled(page)
  const similar = await mapOf(found, tap, { width: 100, height: 100 }, 'similarity')
  await map.focus()
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowUp')
  const row = Number(/row (\d+) by similarity/.exec(await rowSaid(page))![1])
  const dimension = similar.indices[row]!
  expect(await map.getAttribute('aria-valuetext')).toContain(`dimension ${dimension}`)
  await page.keyboard.press('Enter')
  await settled(page)

  const field = pane(page, 'hidden', 'A').getByTestId('dimension')
  expect(await field.inputValue()).toBe(String(dimension))
  const curve = await bench.engine()['runs.dimension']({ run: found.id, tap, dimension })
  const high = pane(page, 'hidden', 'A').getByTestId('moment-high')
  const low = pane(page, 'hidden', 'A').getByTestId('moment-low')
  const seconds = (step: number): number => secondsAt(curve.grid!, step)
  const firstWords = async (buttons: Locator): Promise<string[]> =>
    (await buttons.allInnerTexts()).map((text) => /[\d.]+ s/.exec(text)![0])
  expect(await firstWords(high)).toEqual(curve.highest.map((step) => `${seconds(step).toFixed(2)} s`))
  expect(await firstWords(low)).toEqual(curve.lowest.map((step) => `${seconds(step).toFixed(2)} s`))
  expect(await pane(page, 'hidden', 'A').innerText()).toContain('peaks of steps on audio only, at least 200 ms apart')

  // each is marked on the ruler where it lies
  const axis = await boxOf(plot(page, 'waveform', 'A'))
  const marks = page.getByTestId('column-A').getByTestId('ruler-mark')
  expect(await marks.count()).toBe(curve.highest.length + curve.lowest.length)
  const mark = await boxOf(marks.first())
  expect(mark.x + mark.width / 2 - axis.x).toBeCloseTo((seconds(curve.highest[0]!) / 5) * axis.width, -0.5)

  // the line goes through the lowest moment: its colour is the column's
  const pixels = await pixelsOf(plot(page, 'hidden', 'A'))
  const counted = curve.values.subarray(0, curve.valid)
  const [least, most] = [Math.min(...counted), Math.max(...counted)]
  const air = 0.06 * (most - least)
  const y = pixels.height * (1 - (counted[curve.lowest[0]!]! - least + air) / (most - least + 2 * air))
  const x = Math.round((seconds(curve.lowest[0]!) / 5) * pixels.width)
  const near = [-2, -1, 0].map((by) => pixels.at(Math.min(pixels.width - 1, Math.max(0, x)), Math.round(y) + by))
  expect(Math.max(...near.map(([, , blue]) => blue))).toBeGreaterThan(120)
  expect(await axe(page)).toEqual([])

  // it is heard: the playhead goes through the quarter of a second around it
  await low.first().click()
  const head = page.getByTestId('playhead').first()
  await head.waitFor()
  const where = async (): Promise<number> => (((await boxOf(head)).x - axis.x) / axis.width) * 5
  const lowest = seconds(curve.lowest[0]!)
  expect(Math.abs((await where()) - lowest)).toBeLessThan(0.3)

  await field.fill('7')
  await field.press('Enter')
  await settled(page)
  expect(await header(page, 'B')).toContain(`${tap} · dimension 7 of 0–191`)
  await plot(page, 'hidden', 'A').focus()
  await page.keyboard.press('ArrowUp')
  await settled(page)
  expect(await field.inputValue()).toBe('8')
  await page.mouse.click(800, 12)
  await page.keyboard.press('Shift+U')
  await settled(page)
  await page.getByTestId('layers-A').waitFor()
  expect(await marks.count()).toBe(0)
}

const twoDigits = ({ values }: LayerSimilarity): string[] =>
  Array.from(values, (value) => value.toFixed(2).replace('-', '−'))

inChromium('layers are compared with another recording’s and with another model’s', async () => {
  const page = await bench.open({ width: 1440, height: 900, colorScheme: 'light' })
  await chooseModel(page, starters.ast)
  await run(page)
  await view(page, 'similarity')
  const beside = pane(page, 'hidden', 'A').getByTestId('similarity-with')
  const cells = pane(page, 'hidden', 'A').getByRole('gridcell')
  await beside.selectOption(`model ${starters.whisper}`)
  await settled(page)
  expect(await pane(page, 'hidden', 'A').innerText()).toContain(
    `${starters.whisper} has no result over this region yet`,
  )
  await chooseModel(page, starters.whisper)
  await run(page)
  await chooseModel(page, starters.ast)
  await settled(page)

  const [ast, other] = [await stored(page, starters.ast, 'A'), await stored(page, starters.ast, 'B')]
  const whisper = await stored(page, starters.whisper, 'A')
  const compared = (against: Run): Promise<LayerSimilarity> =>
    bench.engine()['runs.layerSimilarity']({ run: ast.id, with: against.id, side: 'encoder', measure: 'cka' })
  const between = await compared(whisper)
  expect([between.states, between.otherStates]).toEqual([6, 5])
  expect(await cells.allInnerTexts()).toEqual(twoDigits(between))
  expect(await cells.nth(5 + 3).getAttribute('aria-label')).toContain(`layer 1 and layer 3 of ${starters.whisper}: `)
  expect(await pane(page, 'hidden', 'A').innerText()).toContain('Steps are paired in seconds')
  expect(await axe(page)).toEqual([])

  await beside.selectOption('column')
  await settled(page)
  expect(await cells.allInnerTexts()).toEqual(twoDigits(await compared(other)))
  expect(await header(page, 'A')).toContain('encoder.hidden.0–5 with B · 6 × 6')
  expect(await pane(page, 'hidden', 'A').innerText()).toContain(
    'Step i is compared with step i, from each region’s start',
  )
  await cells.nth(2 * 6 + 4).click()
  expect(await pane(page, 'hidden', 'A').getByTestId('hidden-layer').inputValue()).toBe('2')

  // both ways in one plane, which is A's alone
  await view(page, 'trajectory')
  const tap = { run: ast.id, with: other.id, side: 'encoder', layer: 2 } as const
  const { points, other: theirs } = await bench.engine()['runs.trajectory'](tap)
  const joined = ([0, 1] as const).map((c) => Float32Array.of(...points[c], ...theirs!.points[c]))
  const drawn = await pixelsOf(page.getByTestId('trajectory-A'))
  const plane = planeOf(joined as [Float32Array, Float32Array], drawn.width, drawn.height)
  const warm = Array.from(theirs!.points[0], (_, step) => {
    const { x, y } = plane.at(points[0].length + step)
    const [red, , blue] = drawn.at(Math.round(x), Math.round(y))
    return red - blue > 60
  })
  // some lie under A's own points
  expect(warm.filter(Boolean).length).toBeGreaterThan(warm.length / 3)
  expect(await pane(page, 'hidden', 'A').innerText()).toContain('B’s states in the same plane')
})
