import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { AttentionMetrics, Span } from '../../src/contract/engine.ts'
import { timeOf } from '../../src/contract/grid.ts'
import type { Run } from '../../src/contract/run.ts'
import { paint } from '../../src/figures/paint.ts'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  downloaded,
  letters,
  pane,
  pixelsOf,
  run,
  settled,
  workbench,
  type Letter,
} from '../support/workbench.ts'

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
const stored = async (page: Page, model: string, letter: Letter = 'A'): Promise<Run> => {
  const name = await page.getByTestId(`column-${letter}`).getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  return (await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model }))!
}
const numbersOf = async (
  page: Page,
  model: string,
  kind: 'encoder' | 'cross',
  letter?: Letter,
): Promise<AttentionMetrics> =>
  bench.engine()['runs.attentionMetrics']({ run: (await stored(page, model, letter)).id, kind })
const atlas = (page: Page, letter: Letter = 'A'): Locator => page.getByTestId(`atlas-of-${letter}`)
const heads = (page: Page): Locator => atlas(page).getByRole('button', { name: /^layer \d+ head \d+: / })
const nameOf = (page: Page, layer: number, head: number): Promise<string | null> =>
  atlas(page).getByTestId(`atlas-${layer}-${head}`).getAttribute('aria-label')
const choose = async (page: Page, what: string, value: string): Promise<void> => {
  await page.getByTestId(what).first().selectOption(value)
  await settled(page)
}

inChromium('the atlas says the number of every head, and opens one by keyboard in both columns', async () => {
  const page = await openAtlas(starters.wav2vec2)
  const { layers } = await numbersOf(page, starters.wav2vec2, 'encoder')
  expect(await heads(page).count()).toBe(layers.reduce((sum, { heads }) => sum + heads.length, 0))
  const distance = layers[1]!.heads[2]!.distance!
  expect(await nameOf(page, 1, 2)).toBe(`layer 1 head 2: ${Math.round(distance * 1000)} ms`)

  await choose(page, 'atlas-metric', 'entropy')
  const entropy = layers[1]!.heads[2]!.entropy
  expect(await nameOf(page, 1, 2)).toBe(`layer 1 head 2: ${Number(entropy.toPrecision(3))} nats`)
  expect(await axe(page)).toEqual([])

  // one cell is in the tab order; from it arrows go to the others
  await atlas(page).getByRole('button', { name: 'More of the atlas, column A' }).focus()
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
  expect(await metric.locator('option').allInnerTexts()).toEqual(['entropy', 'padding', 'first step', 'maps'])
  await choose(page, 'atlas-metric', 'padding')
  await choose(page, 'atlas-order', 'most')
  const shares = layers.flatMap(({ heads }) => heads.map(({ padding }) => padding!)).sort((a, b) => b - a)
  const lines = await heads(page).allInnerTexts()
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
    expect(await atlas(page).innerText()).toContain('Measuring every head was stopped')
    await page.getByTestId('atlas-metric').first().selectOption('maps')
    await atlas(page).getByRole('progressbar', { name: 'Drawing every head' }).waitFor()
    await atlas(page).getByTestId('atlas-cancel').click()
    expect(await atlas(page).innerText()).toContain('Drawing every head was stopped')
  } finally {
    process.kill(processes.queries!, 'SIGCONT')
  }
  await atlas(page).getByTestId('atlas-again').click()
  await settled(page)
  expect(await nameOf(page, 0, 0)).toMatch(/^layer 0 head 0: looks .* away on average$/)
  await choose(page, 'atlas-metric', 'distance')
  expect(await nameOf(page, 0, 0)).toMatch(/^layer 0 head 0: \d+ ms$/)
})

inChromium('every head is a small map of what the pane shows, over its own range; one opens large', async () => {
  const page = await openAtlas(starters.whisper)
  await choose(page, 'atlas-metric', 'maps')
  const found = await stored(page, starters.whisper)
  expect(await heads(page).count()).toBe(found.encoder.layers * found.encoder.heads)
  const cell = atlas(page).getByTestId('atlas-2-1')
  const wrongPixels = async (queries: Span, map: 'linear' | 'log'): Promise<number> => {
    const picture = await pixelsOf(cell)
    expect(picture.width).toBeGreaterThanOrEqual(16)
    const { maps } = await bench.engine()['runs.attention']({
      run: found.id,
      tap: 'encoder.attention.2',
      heads: [1],
      queries,
      keys: queries,
      width: picture.width,
      height: picture.height,
      pool: 'mean',
    })
    const { raster } = maps[0]!
    const low = map === 'log' ? Math.max(raster.low, raster.high * 1e-3) : raster.low
    const wanted = paint(raster, { map: 'viridis', low, high: raster.high, scale: map, unit: '' })
    let wrong = 0
    for (let i = 0; i < raster.rows * raster.columns; i++) {
      const pixel = picture.at(i % raster.columns, Math.floor(i / raster.columns))
      if (pixel.some((channel, k) => Math.abs(channel - wanted[4 * i + k]!) > 2)) wrong++
    }
    return wrong
  }
  const { valid } = timeOf(found.grids.encoder)
  expect(await wrongPixels({ unit: 'step', range: [0, valid] }, 'log')).toBe(0)
  const line = atlas(page).getByText('each over its own range')
  expect(await line.innerText()).toContain('each over its own range · the region · raw · as computed · log')

  // extent and contrast are the pane's
  await choose(page, 'attention-extent', 'steps')
  await page.mouse.click(800, 12)
  await page.keyboard.press('y')
  await settled(page)
  expect(await line.innerText()).toContain('the first 200 steps · raw · as computed · linear')
  expect(await wrongPixels({ unit: 'step', range: [0, 200] }, 'linear')).toBe(0)
  await choose(page, 'attention-extent', 'all')
  expect(await line.innerText()).toContain('all, padding hatched')
  const { width, height } = await pixelsOf(cell)
  // five of 30 s are audio
  expect(await wrongPixels({ unit: 'all' }, 'linear')).toBeGreaterThan(0.8 * width * height)
  expect(await axe(page)).toEqual([])

  await cell.click()
  await settled(page)
  expect(await cell.getAttribute('aria-pressed')).toBe('true')
  for (const letter of letters)
    expect(await pane(page, 'attention', letter).locator('header').innerText()).toContain(
      'encoder.attention.2 · head 1',
    )
})

inChromium('column A’s numbers less B’s are signed, filtered by keyboard and saved', async () => {
  const page = await openAtlas(starters.wav2vec2)
  const [a, b] = await Promise.all(letters.map((letter) => numbersOf(page, starters.wav2vec2, 'encoder', letter)))
  await atlas(page).getByTestId('atlas-difference').click()
  await settled(page)
  const differences = a!.layers.flatMap(({ layer, heads }, i) =>
    heads.map(({ distance }, head) => {
      const ms = Math.round(1000 * (distance! - b!.layers[i]!.heads[head]!.distance!))
      const size = `${Math.abs(ms)} ms`
      return { layer, head, ms, text: ms === 0 ? size : `${ms < 0 ? '−' : '+'}${size}` }
    }),
  )
  for (const letter of letters) {
    const names = await atlas(page, letter)
      .getByRole('button', { name: /^layer \d+ head \d+: / })
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label')))
    expect(names).toEqual(differences.map(({ layer, head, text }) => `layer ${layer} head ${head}: ${text}`))
  }
  // red where A has more, blue where B has
  const bySize = differences.toSorted((x, y) => Math.abs(y.ms) - Math.abs(x.ms))
  for (const { layer, head, ms } of bySize.slice(0, 3)) {
    const colour = await atlas(page)
      .getByTestId(`atlas-${layer}-${head}`)
      .evaluate((cell) => getComputedStyle(cell).backgroundColor.match(/\d+/g)!.map(Number))
    expect(Math.sign(colour[0]! - colour[2]!)).toBe(Math.sign(ms))
  }
  expect(await atlas(page).getByText('A − B describes these two clips, no more').count()).toBe(1)

  await choose(page, 'atlas-order', 'size')
  const listed = async (): Promise<string[]> =>
    (await heads(page).allInnerTexts()).map((text) => text.split('\n').at(-1)!.trim())
  const sizes = (await listed()).map((text) => Number.parseInt(text.replace(/[+−]/, ''), 10))
  expect(sizes).toEqual(bySize.map(({ ms }) => Math.abs(ms)))
  await choose(page, 'atlas-order', 'least')
  expect((await listed())[0]).toBe(differences.toSorted((x, y) => x.ms - y.ms)[0]!.text)

  // a limit by keyboard: the menu is behind the button after the toggle
  const least = differences.toSorted((x, y) => x.ms - y.ms)[3]!.ms
  const passing = differences.filter(({ ms }) => ms >= least)
  await atlas(page).getByTestId('atlas-difference').focus()
  for (const key of ['Tab', 'Enter', 'Tab']) await page.keyboard.press(key)
  await page.keyboard.type(String(least))
  await settled(page)
  const status = atlas(page).getByRole('status')
  const asked = `≥ ${String(least).replace('-', '−')} ms`
  expect(await status.innerText()).toBe(`${passing.length} of ${differences.length} heads ${asked}`)
  expect(await listed()).toEqual(passing.toSorted((x, y) => x.ms - y.ms).map(({ text }) => text))
  expect(await axe(page)).toEqual([])

  const { name, bytes } = await downloaded(page, () => page.getByTestId('atlas-csv-A').click())
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\r\n')
  expect(name).toBe(`thunder less chimes ${starters.wav2vec2} encoder heads.csv`)
  expect(lines[0]).toBe(
    'layer,head,mean distance A - B (ms),entropy A - B (nats),diagonality A - B,padding A - B (%),first step A - B (%)',
  )
  expect(lines.slice(1).map((line) => Math.round(Number(line.split(',')[2])))).toEqual(differences.map(({ ms }) => ms))
  await page.keyboard.press('Escape')

  // on the grid what is left out stays in its place, and can be chosen
  await choose(page, 'atlas-order', 'place')
  const out = differences.find(({ ms }) => ms < least)!
  expect(await nameOf(page, out.layer, out.head)).toBe(
    `layer ${out.layer} head ${out.head}: ${out.text}, left out by the filter`,
  )
  const box = await boxOf(atlas(page).getByTestId(`atlas-${out.layer}-${out.head}`))
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  await settled(page)
  expect(await pane(page, 'attention', 'B').locator('header').innerText()).toContain(`head ${out.head}`)

  await choose(page, 'atlas-order', 'most')
  await atlas(page).getByRole('button', { name: 'More of the atlas, column A' }).click()
  await page.getByTestId('atlas-least').first().fill('99999')
  expect(await status.innerText()).toBe('No head has mean distance ≥ 99999 ms.')
  await page.getByTestId('atlas-least').first().fill('')
  expect(await listed()).toHaveLength(differences.length)

  // each head's own numbers, as they were
  await page.keyboard.press('Escape')
  await atlas(page).getByTestId('atlas-difference').click()
  await settled(page)
  await atlas(page).getByRole('button', { name: 'More of the atlas, column A' }).click()
  const own = await downloaded(page, () => page.getByTestId('atlas-csv-A').click())
  const rows = new TextDecoder().decode(own.bytes).trimEnd().split('\r\n').slice(1)
  const entropies = a!.layers.flatMap(({ heads }) => heads.map(({ entropy }) => entropy))
  rows.forEach((row, i) => expect(Number(row.split(',')[3])).toBeCloseTo(entropies[i]!, 5))
  expect(rows).toHaveLength(entropies.length)

  // where there is nothing to subtract it is said
  await page.keyboard.press('Escape')
  await atlas(page).getByTestId('atlas-difference').click()
  await page.getByLabel('Region end of column B in seconds').fill('4')
  await page.keyboard.press('Enter')
  await settled(page)
  expect(await atlas(page).innerText()).toContain('There is no run in column B: run the model first.')
})
