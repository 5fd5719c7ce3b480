import { expect } from 'vitest'
import { axe, dialogGone } from '../support/browser.ts'
import { hubBench, openModels, shippedFiles } from '../support/hub-bench.ts'
import { testNeeding } from '../support/needs.ts'
import { tabThrough } from '../support/tab-walk.ts'
import { starters } from '../support/models.ts'

/** The list of models: found by typing, asked about by a button, and silent towards the network until then. */

const inChromium = testNeeding('chromium')
const bench = hubBench()

for (const colorScheme of ['dark', 'light'] as const)
  inChromium(`axe finds nothing in the list of models, ${colorScheme}, and opening it asks nobody`, async () => {
    const asked = bench.hub().requests.length
    const page = await bench.open({ colorScheme, width: 1024, height: 768 })
    const { dialog } = await openModels(page)
    for (const summary of await dialog.locator('summary').all()) await summary.click()
    await dialog.getByTestId('token-state').waitFor()
    expect(await axe(page)).toEqual([])
    const { wanted, missed, unmarked } = await tabThrough(page, 'dialog')
    expect(wanted).toBeGreaterThan(12)
    expect({ missed, unmarked }).toEqual({ missed: [], unmarked: [] })
    const beyond = await page.evaluate(() => {
      const box = document.querySelector('dialog')!
      return box.scrollWidth - box.clientWidth
    })
    expect(beyond).toBe(0)
    expect(bench.hub().requests.length).toBe(asked)
  })

inChromium('typing and filters find models, arrows choose, and a button asks the hub, all by keyboard', async () => {
  bench.hub().commit('onnx-community/whisper-tiny', { files: shippedFiles(starters.whisper), licence: 'apache-2.0' })
  const asked = bench.hub().requests.length
  const page = await bench.open()
  const { dialog, details } = await openModels(page)
  const options = dialog.getByTestId('model-list').getByRole('option')
  const all = await options.count()
  expect(all).toBeGreaterThan(10)
  for (const kind of ['whisper', 'audioset']) {
    await page.keyboard.type(kind)
    await expect.poll(() => options.count()).toBeLessThan(all)
    const found = await options.allInnerTexts()
    expect(found.every((text) => text.toLowerCase().includes(kind))).toBe(true)
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Backspace')
  }
  await page.keyboard.type('onnx-community/whisper-tiny')
  await page.keyboard.press('ArrowUp')
  await expect.poll(() => details.innerText()).toContain('onnx-community/whisper-tiny')
  expect(await details.innerText()).toMatch(/task\s+speech to text[^]*licence\s+apache-2\.0/)
  expect(bench.hub().requests.length).toBe(asked)

  await page.keyboard.press('Control+a')
  await page.keyboard.press('Backspace')
  await dialog.getByTestId('filter-task').selectOption('sound events')
  await expect.poll(() => options.count()).toBeLessThan(all)
  expect((await options.allInnerTexts()).every((text) => text.includes('sound events'))).toBe(true)
  await dialog.getByTestId('filter-state').selectOption('here')
  await dialog.getByText('0 of').waitFor()

  const host = new URL(bench.hub().endpoint).host
  await details.getByRole('button', { name: `Ask ${host}` }).focus()
  await page.keyboard.press('Enter')
  const listing = dialog.getByTestId('listing')
  await listing.waitFor()
  expect(bench.hub().requests.length).toBeGreaterThan(asked)
  expect(await listing.innerText()).toMatch(/has commit [0-9a-f]{7}\b[^]*fp32\s+[\d.]+ MB/)
  await page.keyboard.press('Escape')
  await dialogGone(page)
})

inChromium('a checkpoint without ONNX says so, names the same model with ONNX, and gives the command', async () => {
  bench.hub().commit('openai/whisper-base', {
    files: { 'config.json': '{"model_type":"whisper"}', 'model.safetensors': 'weights' },
    pipelineTag: 'automatic-speech-recognition',
  })
  const page = await bench.open()
  const { details, askOther } = await openModels(page)
  await askOther('openai/whisper-base')
  await details.getByTestId('refused').waitFor()
  expect(await details.getByTestId('refused').innerText()).toContain('openai/whisper-base has no ONNX files')
  expect(await details.getByRole('button', { name: /^Download/ }).count()).toBe(0)
  expect(await details.locator('code').innerText()).toMatch(/optimum-cli export onnx --model openai\/whisper-base/)
  const other = details.getByTestId('alternative')
  const repo = await other.innerText()
  await other.click()
  await expect.poll(() => details.innerText()).toContain(repo)
  expect(await details.getByRole('button', { name: /^Download/ }).count()).toBe(1)
})

inChromium('what cannot be opened is not offered, and a name that is none asks nobody', async () => {
  bench.hub().commit('somebody/language-model', {
    files: { 'config.json': '{"model_type":"bert"}', 'onnx/model.onnx': 'graph' },
  })
  const page = await bench.open()
  const { dialog, details, askOther } = await openModels(page)
  await askOther('somebody/language-model')
  await expect.poll(() => details.getByTestId('refused').innerText()).toContain('bert')
  expect(await details.getByRole('button', { name: /^Download/ }).count()).toBe(0)
  const asked = bench.hub().requests.length
  await askOther('not a model')
  await dialog.getByText('A model on the hub is owner/name').waitFor()
  expect(bench.hub().requests.length).toBe(asked)
  await askOther('nobody/nothing')
  await details.getByTestId('look-failure').waitFor()
  expect(await details.getByTestId('look-failure').innerText()).toContain('nobody/nothing')
  for (const one of await dialog
    .getByTestId('model-list')
    .getByRole('option')
    .filter({ hasText: 'cannot be opened yet' })
    .all()) {
    await one.click()
    await details.getByTestId('unopened').waitFor()
    expect(await details.getByRole('button', { name: /^Download/ }).count()).toBe(0)
  }
})
