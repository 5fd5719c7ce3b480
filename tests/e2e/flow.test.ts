import { expect } from 'vitest'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, pane, run, settled, workbench } from '../support/workbench.ts'

/** A clip's way through the chosen model, and what a run over it will take. */

const inChromium = testNeeding('chromium')
const bench = workbench()

inChromium('the facts of a model draw the way of the region at hand, and follow it', async () => {
  const page = await bench.open({ colorScheme: 'light' })
  await chooseModel(page, starters.whisper)
  const flow = page.getByTestId('flow')
  const boxes = flow.getByRole('list', { name: 'Data flow' }).getByRole('listitem')
  const titles = ['sound', 'filled up', 'features', 'steps', 'encoder', 'decoder', 'output']
  expect(await boxes.getByRole('heading').allInnerTexts()).toEqual(titles)
  expect(await boxes.nth(2).innerText()).toContain('80 mel bands × 3000 frames')
  expect(await boxes.nth(3).innerText()).toContain('1500 steps × 192')
  expect(await boxes.nth(5).innerText()).toContain('cross-attention')
  const seconds = page.getByTestId('flow-seconds')
  const before = parseFloat(await seconds.innerText())
  const samples = (value: number): string => `${Math.round(16_000 * value).toLocaleString('en')} samples`
  expect(await boxes.nth(0).innerText()).toContain(samples(before))
  const end = page.getByRole('spinbutton', { name: /end/i }).first()
  await end.fill('2')
  await end.press('Enter')
  await page.getByTestId('flow-seconds').filter({ hasText: '2 s' }).waitFor()
  await settled(page)
  expect(await boxes.nth(0).innerText()).toContain(samples(2))
  expect(await boxes.nth(3).innerText()).toContain('100 of 1500 on sound')
  // no box is wider than the panel it stands in
  const wide = await flow.evaluate((element) => element.scrollWidth > element.clientWidth)
  expect(wide).toBe(false)
  expect(await axe(page)).toEqual([])
})

inChromium('where a run is offered it says what it will take, and no longer when it is there', async () => {
  const page = await bench.open()
  await chooseModel(page, starters.wav2vec2)
  const estimate = pane(page, 'hidden', 'A').getByTestId('estimate')
  await estimate.waitFor()
  expect(await estimate.innerText()).toMatch(
    /^It takes about [\d.]+ s on the CPU( \([\d.]+ s to load it\))?, \d+ MB of memory and [\d.]+ [kM]B of cache\.\s+Told by /,
  )
  await chooseModel(page, starters.whisper)
  await estimate.filter({ hasText: 'if it writes all' }).waitFor()
  await run(page)
  expect(await estimate.count()).toBe(0)
})

inChromium('a run that does not fit is offered as much of it as would', async () => {
  const page = await bench.open()
  await chooseModel(page, starters.wav2vec2)
  const [recording] = await bench.engine()['recordings.list']({})
  const input = { recording: recording!.id, region: [0, 4] as [number, number], model: starters.wav2vec2 }
  const { total } = await bench.engine()['runs.estimate'](input)
  await bench.engine()['settings.change']({ memoryLimit: Math.ceil(total) })
  const note = pane(page, 'hidden', 'A').getByTestId('memory-note')
  await note.getByText(/its first [34](\.\d)? s would fit/).waitFor()
  await note.getByRole('button', { name: /^Take its first/ }).click()
  await pane(page, 'hidden', 'A').getByTestId('estimate').waitFor()
  expect(await note.count()).toBe(0)
  await bench.engine()['settings.change']({ memoryLimit: null })
})
