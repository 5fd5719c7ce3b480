import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { LayerSimilarity, SimilarityMeasure } from '../../src/contract/hidden.ts'
import { secondsAt, timeOf } from '../../src/contract/grid.ts'
import type { Run } from '../../src/contract/run.ts'
import { planeOf } from '../../src/renderer/panes/hidden/plane.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  hover,
  letters,
  moment,
  pane,
  plot,
  run,
  settled,
  workbench,
  type Letter,
} from '../support/workbench.ts'

/** Layers beside each other, and one as a way through a plane: what is on the screen is held against the engine's numbers. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const openView = async (model: string, view: 'similarity' | 'trajectory', colorScheme?: 'light'): Promise<Page> => {
  const page = await bench.open(colorScheme ? { colorScheme } : {})
  await chooseModel(page, model)
  await run(page)
  await page.getByTestId('hidden-view').first().selectOption(view)
  await settled(page)
  return page
}
const stored = async (page: Page, model: string, letter: Letter): Promise<Run> => {
  const name = await page.getByTestId(`column-${letter}`).getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  return (await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model }))!
}
const compared = async (page: Page, letter: Letter, measure: SimilarityMeasure): Promise<LayerSimilarity> => {
  const { id } = await stored(page, starters.wav2vec2, letter)
  return bench.engine()['runs.layerSimilarity']({ run: id, side: 'encoder', measure })
}
const cells = (page: Page, letter: Letter): Locator => pane(page, 'hidden', letter).getByRole('gridcell')
const twoDigits = ({ values }: LayerSimilarity): string[] =>
  Array.from(values, (value) => value.toFixed(2).replace('-', '−'))
const chosenLayers = (page: Page): Promise<string[]> =>
  Promise.all(letters.map((letter) => pane(page, 'hidden', letter).getByTestId('hidden-layer').inputValue()))

inChromium('similarity says how alike every pair of layers is, by either measure', async () => {
  const page = await openView(starters.wav2vec2, 'similarity')
  for (const letter of letters)
    expect(await cells(page, letter).allInnerTexts()).toEqual(twoDigits(await compared(page, letter, 'cka')))
  const cka = await compared(page, 'A', 'cka')
  const header = await pane(page, 'hidden', 'A').locator('header').innerText()
  expect(header).toContain(
    `encoder.hidden.0–5 · 6 × 6 · linear CKA of ${cka.samples.count} steps × 192 · padding left out`,
  )
  const cell = cells(page, 'A').nth(2 * cka.states + 5)
  const value = cka.values[2 * cka.states + 5]!
  expect(await cell.getAttribute('aria-label')).toBe(`layer 2 and layer 5: ${value.toFixed(2)}`)
  await cell.hover()
  const said = pane(page, 'hidden', 'A').getByTestId('similarity-said')
  expect(await said.innerText()).toBe(`layer 2 and layer 5: ${Number(value.toPrecision(3))}`)
  expect(await axe(page)).toEqual([])

  await page.getByTestId('similarity-measure').first().selectOption('cosine')
  await settled(page)
  for (const letter of letters)
    expect(await cells(page, letter).allInnerTexts()).toEqual(twoDigits(await compared(page, letter, 'cosine')))

  await page.mouse.click(800, 12)
  await page.keyboard.press('u')
  for (const letter of letters) await page.getByTestId(`trajectory-${letter}`).waitFor()
})

inChromium('a cell chooses its row’s layer, by the pointer and by keys', async () => {
  const page = await openView(starters.wav2vec2, 'similarity', 'light')
  expect(await axe(page)).toEqual([])
  await cells(page, 'B')
    .nth(6 + 4)
    .click()
  expect(await chosenLayers(page)).toEqual(['1', '1'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowLeft')
  const focused = page.locator(':focus')
  expect(await focused.getAttribute('aria-label')).toMatch(/^layer 3 and layer 3: 1\.00$/)
  await page.keyboard.press('Enter')
  expect(await chosenLayers(page)).toEqual(['3', '3'])
  await page.getByTestId('hidden-view').first().selectOption('map')
  await settled(page)
  expect(await pane(page, 'hidden', 'A').locator('header').innerText()).toContain('encoder.hidden.3')
})

/** where the moment's mark stands in the trajectory, from its top left corner */
const markOf = async (page: Page, letter: Letter): Promise<{ x: number; y: number } | null> => {
  const mark = page.getByTestId(`trajectory-${letter}`).getByTestId('trajectory-moment')
  if ((await mark.count()) === 0) return null
  const [box, around] = [await boxOf(mark), await boxOf(page.getByTestId(`trajectory-${letter}`))]
  return { x: box.x + box.width / 2 - around.x, y: box.y + box.height / 2 - around.y }
}
const trajectoryOf = async (page: Page, model: string, letter: Letter) => {
  const found = await stored(page, model, letter)
  const { layers } = found.encoder
  const trajectory = await bench.engine()['runs.trajectory']({ run: found.id, side: 'encoder', layer: layers })
  const { width, height } = await boxOf(page.getByTestId(`trajectory-${letter}`))
  return { trajectory, grid: timeOf(found.grids.encoder), plane: planeOf(trajectory.points, width, height) }
}

inChromium('the cursor’s moment is marked on the trajectory, and a point moves the cursor', async () => {
  const page = await openView(starters.whisper, 'trajectory')
  const { trajectory, grid, plane } = await trajectoryOf(page, starters.whisper, 'A')
  expect(await markOf(page, 'A')).toBeNull()
  for (const share of [0.21, 0.64]) {
    await hover(page, plot(page, 'spectrogram', 'A'), share)
    await expect.poll(() => markOf(page, 'A')).not.toBeNull()
    const step = Math.round(((await moment(page)) - grid.start) / grid.step)
    const [mark, expected] = [(await markOf(page, 'A'))!, plane.at(step)]
    expect(Math.hypot(mark.x - expected.x, mark.y - expected.y)).toBeLessThan(1)
  }
  // the point that lies farthest out: no other is as near to the pointer
  const far = trajectory.points[0].indexOf(Math.max(...trajectory.points[0]))
  const box = await boxOf(page.getByTestId('trajectory-A'))
  await page.mouse.move(box.x + plane.at(far).x, box.y + plane.at(far).y)
  await expect.poll(() => moment(page)).toBeCloseTo(secondsAt(grid, far), 3)
  await page.getByTestId('trajectory-A').focus()
  await page.keyboard.press(far > 0 ? 'ArrowLeft' : 'ArrowRight')
  await expect.poll(() => moment(page)).toBeCloseTo(secondsAt(grid, far > 0 ? far - 1 : 1), 3)
  const [first, second] = trajectory.explained.map((share) => `${Math.round(share * 100)} %`)
  const text = await pane(page, 'hidden', 'A').innerText()
  expect(text).toContain(
    `encoder.hidden.4 · ${grid.valid} steps × 192 · PCA, variance explained: PC 1 ${first}, PC 2 ${second}`,
  )
  expect(text).toContain('on this clip only')
  expect(text).toContain('Padding is left out.')
  expect(await axe(page)).toEqual([])
})

inChromium('a trajectory of a decoder is one of tokens, and chooses the token whose attention is shown', async () => {
  const page = await openView(starters.whisper, 'trajectory')
  await page.getByLabel('Hidden states of').first().selectOption('decoder')
  await settled(page)
  const { result } = await stored(page, starters.whisper, 'A')
  expect(await pane(page, 'hidden', 'A').locator('header').innerText()).toContain(
    `${result.tokens!.length} tokens × 192`,
  )
  await page.getByTestId('trajectory-A').focus()
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
  expect(await page.getByTestId('trajectory-A').getAttribute('aria-valuetext')).toContain(
    `token 2 ${result.tokens![2]!.text}`,
  )
  expect(await markOf(page, 'B')).toBeNull()
})
