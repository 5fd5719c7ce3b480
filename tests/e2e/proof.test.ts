import { expect } from 'vitest'
import { axe } from '../support/browser.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, workbench } from '../support/workbench.ts'

/** Whether a model's taps are what they are said to be, tried from its facts. */

const inChromium = testNeeding('chromium')
const bench = workbench()

inChromium('a model’s taps are tried on a sound by keyboard, and what came of it is kept', async () => {
  const page = await bench.open()
  await chooseModel(page, starters.wav2vec2)
  const proof = page.getByTestId('proof')
  expect(await proof.getByRole('status').innerText()).toBe('Its taps were not tried on a sound yet.')
  await proof.getByTestId('prove').focus()
  await page.keyboard.press('Enter')
  await proof.getByText('Its taps were tried on a short sound:').waitFor()
  const lines = await proof.locator('li').allInnerTexts()
  expect(lines).toHaveLength(4)
  expect(lines.join(' ')).toMatch(/attention recomputed from hidden states differs from the graph’s own by [\d.e-]+ \(/)
  expect(lines.join(' ')).not.toContain('not proved')
  expect(await axe(page)).toEqual([])
  await page.reload()
  await chooseModel(page, starters.wav2vec2)
  await proof.getByText('Its taps were tried on a short sound:').waitFor()
})
