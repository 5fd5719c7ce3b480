import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { AttentionMetrics } from '../../src/contract/engine.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, letters, pane, run, settled, workbench } from '../support/workbench.ts'

/** The atlas of heads: what a cell says is held against the engine's numbers, and a head is opened from it. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const openAtlas = async (model: string): Promise<Page> => {
  const page = await bench.open()
  await chooseModel(page, model)
  await run(page)
  await page.getByTestId('atlas').first().click()
  await settled(page)
  return page
}
const numbersOf = async (page: Page, model: string, kind: 'encoder' | 'cross'): Promise<AttentionMetrics> => {
  const name = await page.getByTestId('column-A').getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  const found = await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model })
  return bench.engine()['runs.attentionMetrics']({ run: found!.id, kind })
}
const atlas = (page: Page): Locator => page.getByTestId('atlas-of-A')
const nameOf = (page: Page, layer: number, head: number): Promise<string | null> =>
  atlas(page).getByTestId(`atlas-${layer}-${head}`).getAttribute('aria-label')
const choose = async (page: Page, what: string, value: string): Promise<void> => {
  await page.getByTestId(what).first().selectOption(value)
  await settled(page)
}

inChromium('the atlas says the number of every head, and opens one by keyboard in both columns', async () => {
  const page = await openAtlas(starters.wav2vec2)
  const { layers } = await numbersOf(page, starters.wav2vec2, 'encoder')
  expect(
    await atlas(page)
      .getByRole('button', { name: /^layer \d+ head \d+: / })
      .count(),
  ).toBe(layers.reduce((sum, { heads }) => sum + heads.length, 0))
  const distance = layers[1]!.heads[2]!.distance!
  expect(await nameOf(page, 1, 2)).toBe(`layer 1 head 2: ${Math.round(distance * 1000)} ms`)

  await choose(page, 'atlas-metric', 'entropy')
  const entropy = layers[1]!.heads[2]!.entropy
  expect(await nameOf(page, 1, 2)).toBe(`layer 1 head 2: ${Number(entropy.toPrecision(3))} nats`)
  expect(await axe(page)).toEqual([])

  // one cell is in the tab order; from it arrows go to the others
  await atlas(page).getByTestId('atlas-order').focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await settled(page)
  for (const letter of letters)
    expect(await pane(page, 'attention', letter).locator('header').innerText()).toContain(
      'encoder.attention.1 · head 2',
    )
  expect(await atlas(page).getByTestId('atlas-1-2').getAttribute('aria-pressed')).toBe('true')
  expect(await pane(page, 'attention', 'A').innerText()).toContain('Attention is not explanation')
})

inChromium('heads are listed by their number; across there is no distance to ask for', async () => {
  const page = await openAtlas(starters.whisper)
  await choose(page, 'attention-kind', 'cross')
  const { layers } = await numbersOf(page, starters.whisper, 'cross')
  const metric = atlas(page).getByTestId('atlas-metric')
  expect(await metric.locator('option').allInnerTexts()).toEqual(['entropy', 'padding', 'first step'])
  await choose(page, 'atlas-metric', 'padding')
  await choose(page, 'atlas-order', 'most')
  const shares = layers.flatMap(({ heads }) => heads.map(({ padding }) => padding!)).sort((a, b) => b - a)
  const lines = await atlas(page)
    .getByRole('button', { name: /^layer/ })
    .allInnerTexts()
  expect(lines.map((line) => Number.parseFloat(line.split('\n').at(-1)!))).toEqual(
    shares.map((share) => Number((100 * share).toFixed(1))),
  )
})

inChromium('measuring says how far it is, can be cancelled and goes on', async () => {
  const page = await bench.open()
  await chooseModel(page, starters.ast)
  await run(page)
  const { processes } = await bench.engine()['system.card']({})
  // the process that measures stands still, so that there is something to see
  process.kill(processes.queries!, 'SIGSTOP')
  try {
    await page.getByTestId('atlas').first().click()
    await atlas(page).getByRole('progressbar', { name: 'Measuring every head' }).waitFor()
    await atlas(page).getByTestId('atlas-cancel').click()
    expect(await atlas(page).innerText()).toContain('The heads were not all measured')
  } finally {
    process.kill(processes.queries!, 'SIGCONT')
  }
  await atlas(page).getByTestId('atlas-again').click()
  await settled(page)
  expect(await nameOf(page, 0, 0)).toMatch(/^layer 0 head 0: \d+ ms$/)
})
