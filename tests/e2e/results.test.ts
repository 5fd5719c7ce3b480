import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { readNpz } from '../../src/formats/npz.ts'
import { dialogGone } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, downloaded, finished, letters, pane, run, settled, workbench } from '../support/workbench.ts'
import { starters } from '../support/models.ts'

/** What the models say: each run, shown with what made it, kept, saved and exported. */

const inChromium = testNeeding('chromium')
const bench = workbench()
const models = [starters.wav2vec2, starters.whisper, starters.ast] as const

/** the run that a column shows, as the engine has it */
const stored = async (page: Page, model: string, letter: 'A' | 'B') => {
  const name = await page.getByTestId(`column-${letter}`).getByRole('heading', { level: 2 }).innerText()
  const recording = (await bench.engine()['recordings.list']({})).find((one) => one.name === name)!
  const found = await bench.engine()['runs.find']({ recording: recording.id, region: [0, 5], model })
  if (!found) throw new Error(`no run of ${model} over ${name}`)
  return found
}

/** of a CSV file that holds numbers only, the header first */
const rowsOf = (bytes: Uint8Array): string[][] =>
  new TextDecoder()
    .decode(bytes)
    .trim()
    .split('\r\n')
    .map((line) => line.split(','))

inChromium('each model runs on both columns and shows what it says', async () => {
  const page = await bench.open()
  for (const model of models) {
    await chooseModel(page, model)
    await run(page)
    expect(await page.getByTestId('made-by').innerText()).toMatch(/^CPU · \d+ threads? · computed · [\d.e-]+ s$/)
    for (const letter of letters) {
      const text = pane(page, 'text', letter)
      const { result } = await stored(page, model, letter)
      for (const kind of ['hidden', 'attention', 'text'] as const)
        expect(await pane(page, kind, letter).getByText('untrained', { exact: true }).count()).toBe(0)
      if (result.tokens) {
        const chips = text.getByRole('list', { name: 'Tokens' }).getByRole('button')
        expect(await chips.count()).toBe(result.tokens.length)
        const shown = await chips.allInnerTexts()
        result.tokens.forEach((token, i) =>
          expect(shown[i], `token ${i}`).toMatch(token.forced ? /forced$/ : /(\.\d\d|1\.0)$/),
        )
        expect(result.tokens.some(({ forced }) => forced) && result.tokens.some(({ forced }) => !forced)).toBe(true)
        expect(result.tokens.every(({ forced, probability }) => forced === (probability === null))).toBe(true)
      }
      if (result.characters) {
        // not innerText, which joins the spaces of a character that is one
        const said = await text.locator('.unseen').textContent()
        for (const one of result.characters.slice(0, 3))
          expect(said).toContain(
            `${one.text} at ${one.start < 1 ? `${Math.round(one.start * 1000)} ms` : one.start.toFixed(2)}`,
          )
        expect(await text.innerText()).toContain('CTC, blanks left out')
      }
      if (result.labels) {
        expect(await text.innerText()).toContain(`scores by ${result.labels.scores}`)
        const rows = await text.getByRole('list', { name: 'Labels with scores' }).getByRole('listitem').allInnerTexts()
        expect(rows).toHaveLength(result.labels.items.length)
        expect(rows[0]).toContain(result.labels.items[0]!.label)
        const scores = rows.map((row) => Number(row.trim().split(/\s+/).at(-1)))
        expect(scores).toEqual([...scores].sort((a, b) => b - a))
      }
    }
  }
})

inChromium('all models run at one press, and a reload shows what is stored at once', async () => {
  const page = await bench.open()
  await page.getByTestId('run-all').click()
  await finished(page)
  await page.reload()
  await page.getByTestId('made-by').waitFor()
  await settled(page)
  for (const model of models) {
    await chooseModel(page, model)
    await expect.poll(() => page.getByTestId('made-by').innerText()).toContain('from store')
    for (const letter of letters)
      await expect.poll(() => pane(page, 'hidden', letter).innerText()).toMatch(/encoder\.hidden\.\d+ · \d+ × \d+/)
    expect(await page.getByText('has not run over this region').count()).toBe(0)
  }
})

inChromium(
  'Whisper writes in the language it is told, does the task it is told, and stops where it is told',
  async () => {
    const page = await bench.open()
    await chooseModel(page, starters.whisper)
    const languages = await page
      .getByTestId('language')
      .locator('option')
      .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))
    const code = languages.at(-1)!
    await page.getByTestId('language').selectOption(code)
    await page.getByTestId('task').selectOption('translate')
    await page.getByTestId('max-tokens').fill('3')
    await page.getByTestId('max-tokens').press('Enter')
    await run(page)
    for (const letter of letters) {
      const text = pane(page, 'text', letter)
      expect(await text.locator('header').innerText()).toContain(`greedy · ${code} as told · translate`)
      const chips = await text.getByRole('list', { name: 'Tokens' }).getByRole('button').allInnerTexts()
      expect(chips[1]).toMatch(new RegExp(`^<\\|${code}\\|>\\s*forced$`))
      expect(chips[2]).toMatch(/^<\|translate\|>\s*forced$/)
      expect(chips.filter((chip) => !chip.endsWith('forced')).length).toBeLessThanOrEqual(3)
    }
  },
)

inChromium('a pane saves its numbers as NPZ and CSV', async () => {
  const page = await bench.open()
  await chooseModel(page, starters.wav2vec2)
  await run(page)
  const found = await stored(page, starters.wav2vec2, 'A')
  const hidden = found.taps.find(({ tap }) => tap === `encoder.hidden.${found.encoder.layers}`)!
  const save = async (kind: 'hidden' | 'attention', format: 'npz' | 'csv') => {
    await pane(page, kind, 'A')
      .getByRole('button', { name: /^More of/ })
      .click()
    const file = await downloaded(page, () =>
      page.getByTestId(new RegExp(`^save-encoder-${kind}-${format}-A$`)).click(),
    )
    await page.keyboard.press('Escape')
    return file
  }
  const npz = await save('hidden', 'npz')
  expect(npz.name).toMatch(/^[\w. -]+\.npz$/)
  const array = readNpz(npz.bytes).get(hidden.tap)!
  expect(array.shape).toEqual(hidden.shape)
  const csv = rowsOf((await save('hidden', 'csv')).bytes)
  expect(csv).toHaveLength(1 + hidden.shape[0]!)
  const width = hidden.shape[1]!
  for (const row of [0, 7])
    expect(Number(csv[1 + row]!.at(-1))).toBeCloseTo(Number(array.data[row * width + width - 1]), 5)

  // the limits that are shown are those that are saved
  await page.getByTestId('attention-extent').first().selectOption('steps')
  await settled(page)
  const attention = readNpz((await save('attention', 'npz')).bytes).get(
    `encoder.attention.${found.encoder.layers - 1}`,
  )!
  expect(attention.shape).toEqual([1, 200, 200])
})

inChromium('a figure is exported in every format, and an export can be cancelled', async () => {
  const page = await bench.open()
  await page.getByTestId('export').click()
  const dialog = page.getByRole('dialog', { name: 'Export a figure' })
  const draw = async (figure: string, format: string) => {
    await dialog.getByRole('radio', { name: new RegExp(figure) }).check()
    await dialog.getByRole('radio', { name: format, exact: true }).check()
    const file = await downloaded(page, () => page.getByTestId('export-draw').click())
    await dialog.getByText(`${file.name} was drawn`).waitFor()
    return file
  }
  await dialog.getByRole('checkbox', { name: /whisper/ }).check()
  const svg = await draw('Hidden states', 'SVG')
  const text = new TextDecoder().decode(svg.bytes)
  expect(svg.name).toBe('hidden-states.svg')
  expect(text).toMatch(/<svg[^]*<text[^]*Time[^]*<\/svg>\s*$/)
  expect(text).toContain('thunder.wav')
  expect(text).toContain('chimes.wav')
  const png = await draw('Total cross-attention', 'PNG')
  expect([...png.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  const pdf = await draw('Attention heads', 'PDF')
  expect(new TextDecoder().decode(pdf.bytes.subarray(0, 5))).toBe('%PDF-')

  // a region that has not run yet makes the export compute first, which takes long enough to be stopped
  await dialog.getByRole('button', { name: 'Close' }).click()
  const field = page.getByRole('spinbutton', { name: 'Region end of column A in seconds' })
  await field.fill('4.5')
  await field.press('Enter')
  await page.getByTestId('export').click()
  for (const model of models) await dialog.getByRole('checkbox', { name: new RegExp(model) }).check()
  await dialog.getByRole('radio', { name: 'PDF', exact: true }).check()
  await page.getByTestId('export-draw').click()
  await page.getByTestId('export-cancel').click()
  await page.getByTestId('export-draw').waitFor()
  expect(await dialog.getByText('was drawn').count()).toBe(0)
  expect(await dialog.getByRole('alert').count()).toBe(0)
  await page.keyboard.press('Escape')
  await dialogGone(page)
})
