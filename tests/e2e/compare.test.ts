import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'
import { writeWav } from '../../src/formats/wav.ts'
import { axe } from '../support/browser.ts'
import { shapes, starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import {
  boxOf,
  chooseModel,
  hover,
  letters,
  moment,
  pane,
  pixelsOf,
  plot,
  readClock,
  run,
  settled,
  workbench,
  type Letter,
  type PaneKind,
} from '../support/workbench.ts'

/** Two recordings of one sound, B half a second later: aligned they are equal, and the page says and draws it. */

const inChromium = testNeeding('chromium')
const rate = 16_000
/** of the burst in A; in B it comes `later`, which is a whole number of every model's steps */
const [at, later] = [0.8, 0.64]
/** both recordings, and what is visible at first */
const seconds = 4
const folder = mkdtempSync(join(tmpdir(), 'otoscope-compare-'))
const burst = (start: number): Uint8Array<ArrayBuffer> => {
  const first = Math.round(start * rate)
  const samples = new Float32Array(seconds * rate).map((_, i) => {
    const t = (i - first) / rate
    return t < 0 ? 0 : 0.6 * Math.exp(-6 * t) * Math.sin(2 * Math.PI * (300 + 900 * t) * t)
  })
  samples[first] = 0.9
  return writeWav({ rate, channels: [samples] })
}
const bench = workbench(() => {
  const files = [join(folder, 'early.wav'), join(folder, 'late.wav')]
  writeFileSync(files[0]!, burst(at))
  writeFileSync(files[1]!, burst(at + later))
  return files
})
afterAll(() => rmSync(folder, { recursive: true }))

const setRegion = async (page: Page, letter: Letter, start: number, end: number): Promise<void> => {
  const field = (edge: string) =>
    page.getByRole('spinbutton', { name: `Region ${edge} of column ${letter} in seconds` })
  await field('end').fill(String(end))
  await field('end').press('Enter')
  await field('start').fill(String(start))
  await field('start').press('Enter')
}
const offsetOf = async (page: Page): Promise<number> => Number(await page.getByTestId('offset-B').inputValue())
/** share of a picture that is drawn, and the greatest distance of its pixels from the middle of red and blue */
const colours = async (page: Page, kind: PaneKind): Promise<{ drawn: number; strongest: number }> => {
  const area = kind === 'attention' ? page.getByTestId('attention-map-B') : plot(page, kind, 'B')
  const { width, height, at: pixel } = await pixelsOf(area)
  let [drawn, strongest] = [0, 0]
  for (let y = 0; y < height; y += 2)
    for (let x = 0; x < width; x += 2) {
      const [red, , blue, alpha] = pixel(x, y)
      if (alpha < 255) continue
      drawn++
      strongest = Math.max(strongest, Math.abs(red - blue))
    }
  return { drawn: drawn / Math.ceil(width / 2) / Math.ceil(height / 2), strongest }
}
const choose = async (page: Page, what: string, value: string): Promise<void> => {
  await page.getByTestId(what).first().selectOption(value)
  await settled(page)
}

inChromium(
  'columns are aligned by start, by onset, by a typed and a dragged offset, and the cursor is one moment',
  async () => {
    const page = await bench.open({ width: 1440, height: 900 })
    expect(await offsetOf(page)).toBe(0)
    await page.keyboard.press('\\')
    await page.keyboard.press('\\')
    expect(await page.getByTestId('alignment').inputValue()).toBe('onset')
    await settled(page)
    // each onset is found to a millisecond
    await expect.poll(() => offsetOf(page)).not.toBe(0)
    expect(Math.abs((await offsetOf(page)) - later)).toBeLessThanOrEqual(0.0011)
    expect(await page.getByTestId('alignment-note').innerText()).toMatch(
      /^onsets at A 0\.(799|800|801) s, B 1\.4(39|40|41) s$/,
    )

    // over the burst in A the line is on the burst in B, and the status line says both times
    const area = plot(page, 'waveform', 'A')
    const { width } = await boxOf(area)
    await hover(page, area, at / seconds)
    await expect.poll(() => page.getByTestId('moment-elsewhere').count()).toBe(1)
    const other = readClock((await page.getByTestId('moment-elsewhere').innerText()).replace('B ', ''))
    expect(other - (await moment(page))).toBeCloseTo(await offsetOf(page), 3)
    for (const letter of letters) {
      const line = plot(page, 'spectrogram', letter).getByTestId('cursor')
      const x = (await boxOf(line)).x - (await boxOf(plot(page, 'spectrogram', letter))).x
      expect(Math.abs(x - (at / seconds) * width)).toBeLessThanOrEqual(1.5)
    }
    const waves = await pixelsOf(plot(page, 'waveform', 'B'))
    const loud = Array.from({ length: waves.width }, (_, x) => waves.at(x, Math.round(waves.height * 0.3))[3] > 0)
    expect(Math.abs(loud.indexOf(true) - (at / seconds) * waves.width)).toBeLessThanOrEqual(4)

    // by the regions' starts
    await setRegion(page, 'B', 0.5, 3.5)
    await choose(page, 'alignment', 'start')
    expect(await offsetOf(page)).toBe(0.5)

    // a person's offset: typed, by keys a step of 10 ms, and by dragging the ruler
    await page.getByTestId('offset-B').fill('0.25')
    await page.getByTestId('offset-B').press('Enter')
    expect(await page.getByTestId('alignment').inputValue()).toBe('free')
    await page.getByTestId('column-B').getByRole('heading', { level: 2 }).click()
    await page.keyboard.press('Shift+}')
    await page.keyboard.press('Shift+}')
    await page.keyboard.press('Shift+{')
    expect(await offsetOf(page)).toBe(0.26)
    const ruler = await boxOf(page.getByTestId('ruler-B'))
    await page.mouse.move(ruler.x + 200, ruler.y + 10)
    await page.mouse.down()
    await page.mouse.move(ruler.x + 150, ruler.y + 10)
    await page.mouse.move(ruler.x + 100, ruler.y + 10)
    await page.mouse.up()
    // the region's end, typed first, brought 3.5 s into view
    expect(await offsetOf(page)).toBeCloseTo(0.26 + (100 / ruler.width) * 3.5, 2)
    expect(await axe(page)).toEqual([])
  },
)

inChromium('locks say what they hold; frequencies are chosen for all columns or for one', async () => {
  const page = await bench.open({ width: 1440, height: 900 })
  const lock = page.getByTestId('lock-frequencies')
  expect(await lock.innerText()).toBe('frequencies locked')
  const high = page.getByTestId('frequency-high')
  const top = async (letter: Letter): Promise<string> =>
    (await pane(page, 'spectrogram', letter).locator('.axis span').allInnerTexts()).at(-1)!
  expect([await top('A'), await top('B')]).toEqual(['8k', '8k'])
  await high.fill('4000')
  await high.press('Enter')
  await settled(page)
  expect([await top('A'), await top('B')]).toEqual(['4k', '4k'])
  await lock.click()
  expect(await lock.getAttribute('aria-pressed')).toBe('false')
  await page.getByTestId('column-B').getByRole('heading', { level: 2 }).click()
  await high.fill('')
  await high.press('Enter')
  await settled(page)
  expect([await top('A'), await top('B')]).toEqual(['4k', '8k'])
  await page.getByTestId('link-zoom').click()
  expect(await page.getByTestId('link-zoom').innerText()).toBe('time free')
  await page.getByTestId('lock-ranges').click()
  expect(await page.getByTestId('lock-ranges').innerText()).toBe('colours free')
})

inChromium(
  'at the right offset the difference of one sound from itself is 0 in every pane, and elsewhere not',
  async () => {
    const page = await bench.open({ width: 1440, height: 900 })
    await setRegion(page, 'A', 0, 3)
    await setRegion(page, 'B', later, 3 + later)
    await chooseModel(page, starters.wav2vec2)
    await run(page)
    await page.mouse.click(1000, 12)
    await page.keyboard.press('Shift+D')
    await settled(page)
    expect(await page.getByTestId('difference-B').getAttribute('aria-pressed')).toBe('true')
    const kinds = ['spectrogram', 'hidden', 'attention'] as const
    for (const kind of kinds) {
      expect(await pane(page, kind, 'B').locator('h3').innerText()).toMatch(/A − B$/)
      expect((await colours(page, kind)).strongest, kind).toBeGreaterThan(100)
    }
    await choose(page, 'alignment', 'start')
    expect(await offsetOf(page)).toBe(later)
    for (const kind of kinds) {
      const { drawn, strongest } = await colours(page, kind)
      expect(drawn, kind).toBeGreaterThan(0.7)
      // the middle of the map is not quite grey
      expect(strongest, kind).toBeLessThanOrEqual(8)
    }
    // 50 more for every second
    const steps = shapes.wav2vec2.states + 100
    const header = await pane(page, 'hidden', 'B').locator('header').innerText()
    expect(header).toContain(`A early.wav − B late.wav · encoder.hidden.5 · ${steps} common steps`)
    expect(await pane(page, 'attention', 'B').innerText()).toContain(`${steps} common steps`)
    // what is not common stays bare: nothing right of A's region
    const { width, at: pixel } = await pixelsOf(plot(page, 'hidden', 'B'))
    expect(pixel(Math.round(width * 0.85), 20)[3]).toBe(0)
    expect(pixel(Math.round(width * 0.5), 20)[3]).toBe(255)
    // a named region of B lies over its difference where it lies over its waveform
    const recordings = await bench.engine()['recordings.list']({})
    const { id: recording } = recordings.find(({ name }) => name === 'late.wav')!
    const named = { id: 'named', start: later + 1, end: later + 2, name: 'call', low: null, high: null, more: [] }
    await bench.engine()['regions.change']({ recording, put: [named], remove: [] })
    const boxes = await Promise.all(
      (['waveform', 'spectrogram'] as const).map((kind) => boxOf(plot(page, kind, 'B').getByTestId('region-mark'))),
    )
    expect([boxes[1]!.x, boxes[1]!.width]).toEqual([boxes[0]!.x, boxes[0]!.width])
    await bench.engine()['regions.change']({ recording, put: [], remove: ['named'] })
    expect(await axe(page)).toEqual([])

    // the table finds nothing, says what it is, and opens what is pressed in both columns
    await page.mouse.click(1000, 12)
    await page.keyboard.press('Shift+T')
    await page.getByTestId('table-heads').waitFor()
    const dialog = page.getByRole('dialog', { name: 'What differs most' })
    expect(await dialog.innerText()).toContain('It is not an inference')
    expect(await axe(page)).toEqual([])
    const cells = await dialog.getByTestId('table-layers').locator('td').allInnerTexts()
    for (const cell of cells) expect(Math.abs(Number.parseFloat(cell.replace('−', '-')))).toBeLessThan(0.01)
    await dialog.getByTestId('sort-entropy').click()
    expect(await dialog.locator('th[aria-sort="descending"]').last().innerText()).toContain('entropy')
    await dialog.getByTestId('open-head-1-2').click()
    await settled(page)
    await page.mouse.click(1000, 12)
    await page.keyboard.press('Shift+D')
    await settled(page)
    for (const letter of letters)
      expect(await pane(page, 'attention', letter).locator('header').innerText()).toContain(
        'encoder.attention.1 · head 2',
      )
  },
)

inChromium('a column may have a model of its own; its difference from another model is not drawn', async () => {
  const page = await bench.open({ width: 1440, height: 900 })
  for (const letter of letters) await setRegion(page, letter, 0, 1)
  await chooseModel(page, starters.wav2vec2)
  await choose(page, 'column-model-B', starters.ast)
  await run(page)
  expect(await pane(page, 'text', 'A').locator('h3').innerText()).toBe('Characters')
  expect(await pane(page, 'text', 'B').locator('h3').innerText()).toBe('Labels')
  await page.mouse.click(1000, 12)
  await page.keyboard.press('Shift+D')
  await settled(page)
  expect(await pane(page, 'hidden', 'B').innerText()).toContain(
    `a difference needs one model: A ran through ${starters.wav2vec2}, B through ${starters.ast}`,
  )
})
