import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { resource } from '../../src/engine/paths.ts'
import { axe } from '../support/browser.ts'
import { hubBench, openModels, shippedFiles } from '../support/hub-bench.ts'
import { testNeeding } from '../support/needs.ts'
import { chooseModel, finished, pane, run, settled } from '../support/workbench.ts'

/** What this machine computes on, and what runs may take of it. */

const inChromium = testNeeding('chromium')
const bench = hubBench()

const openMachine = async (page: Page): Promise<Locator> => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press('i')
  const dialog = page.getByRole('dialog', { name: 'This machine' })
  await dialog.getByTestId('device-table').waitFor({ timeout: 60_000 })
  await dialog.getByTestId('resources').waitFor()
  return dialog
}
const closed = async (page: Page, dialog: Locator): Promise<void> => {
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
}
const type = async (field: Locator, text: string): Promise<void> => {
  await field.fill(text)
  await field.press('Enter')
}

for (const colorScheme of ['dark', 'light'] as const)
  inChromium(
    `the panel names every device with the reason why it does not start, ${colorScheme}, asking nobody`,
    async () => {
      const page = await bench.open({ colorScheme, width: 1024, height: 768 })
      const cards = await bench.engine()['devices.list']({})
      const dialog = await openMachine(page)
      expect(await axe(page)).toEqual([])
      const rows = await dialog.getByTestId('device-table').locator('tbody tr').allInnerTexts()
      expect(rows).toHaveLength(cards.length)
      cards.forEach((card, i) => {
        expect(rows[i]).toContain(card.works ? card.name : card.reason)
        expect(rows[i]).toMatch(card.compiled ? /\tyes\t/ : /\tno\tno\t/)
      })
      for (const card of cards)
        expect(await dialog.getByTestId(`compare-${card.id}`).count()).toBe(card.works && card.id !== 'cpu' ? 1 : 0)
      await closed(page, dialog)
      const select = page.getByTestId('device')
      expect(
        await select.locator('option').evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value)),
      ).toEqual(['auto', ...cards.filter(({ works }) => works).map(({ id }) => id)])
      const described = await page.locator('#other-devices').innerText()
      for (const card of cards.filter(({ works }) => !works)) expect(described).toContain(card.reason)
      expect(bench.hub().requests).toEqual([])
    },
  )

inChromium('resources are changed by keyboard, checked, and kept', async () => {
  const page = await bench.open()
  const dialog = await openMachine(page)
  const field = (name: string): Locator => dialog.getByTestId(`resource-${name}`)
  await type(field('threads'), '1.5')
  await dialog.getByRole('alert').filter({ hasText: 'whole number' }).waitFor()
  expect(await field('threads').getAttribute('aria-invalid')).toBe('true')
  await type(field('threads'), '1')
  await type(field('cacheLimit'), '2,5')
  await type(field('idleMinutes'), '12')
  await field('background').focus()
  await page.keyboard.press(' ')
  const kept = { threads: 1, cacheLimit: 2_500_000_000, idleMinutes: 12, background: true, memoryLimit: null }
  await expect.poll(async () => (await bench.engine()['settings.read']({})).settings).toMatchObject(kept)
  expect(await dialog.getByText(bench.served().cache).count()).toBeGreaterThan(0)
  expect(await dialog.getByText('The command line says otherwise').count()).toBe(1)

  await page.reload()
  await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
  const again = await openMachine(page)
  expect(await again.getByTestId('resource-threads').inputValue()).toBe('1')
  expect(await again.getByTestId('resource-cacheLimit').inputValue()).toBe('2.5')
  expect(await again.getByTestId('resource-background').isChecked()).toBe(true)
  await closed(page, again)
  expect(await page.getByTestId('status').innerText()).toMatch(/\/ 2\.5 GB/)
  await chooseModel(page, 'wav2vec2-untrained')
  await run(page)
  expect(await page.getByTestId('made-by').innerText()).toContain('1 thread ·')
})

inChromium('a run that would not fit says so before it starts, and offers the smaller weights', async () => {
  const repo = 'somebody/weights'
  const files = shippedFiles('ast-untrained')
  // what counts here is the name: the same graph, with a note in it (ModelProto.doc_string), stands for the rounded one
  const graph = readFileSync(resource('models', 'ast-untrained', 'onnx', 'model.onnx'))
  bench
    .hub()
    .commit(repo, {
      files: { ...files, 'onnx/model_quantized.onnx': Buffer.concat([graph, Buffer.from('\x32\x02q8')]) },
    })
  const page = await bench.open()
  const { dialog, details, askOther } = await openModels(page)
  await askOther(repo)
  for (const variant of ['fp32', 'q8']) {
    await details.getByRole('radio', { name: variant }).check()
    await details.getByTestId('download-start').click()
    await expect
      .poll(() => details.getByRole('group', { name: 'Weights' }).innerText())
      .toMatch(new RegExp(`${variant}[^]*?here`))
    await details.getByTestId('use').waitFor()
  }
  await details.getByTestId('use').click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByTestId('variant').selectOption('q8')
  await page.getByTestId('run').click()
  await finished(page)
  expect(await page.getByTestId('made-by').innerText()).toMatch(/^CPU · q8 · /)
  expect(await pane(page, 'hidden', 'A').locator('header').innerText()).toMatch(/ · q8$/m)

  await page.getByTestId('variant').selectOption('fp32')
  expect(await page.getByTestId('memory-note').count()).toBe(0)
  const machine = await openMachine(page)
  await type(machine.getByTestId('resource-memoryLimit'), '0.1')
  await closed(page, machine)
  const note = pane(page, 'hidden', 'A').getByTestId('memory-note')
  await note.waitFor()
  expect(await note.innerText()).toMatch(/memory/)
  expect(await axe(page)).toEqual([])
  const last = await openMachine(page)
  await type(last.getByTestId('resource-memoryLimit'), '')
  await closed(page, last)
  await note.waitFor({ state: 'detached' })
  await settled(page)
})
