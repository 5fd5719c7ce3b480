import type { Locator } from 'playwright-core'
import { expect } from 'vitest'
import { axe } from '../support/browser.ts'
import { hubBench, enter, openMachine, shut } from '../support/hub-bench.ts'
import { testNeeding } from '../support/needs.ts'
import { tabThrough } from '../support/tab-walk.ts'
import { chooseModel, run } from '../support/workbench.ts'
import { starters } from '../support/models.ts'

/** What this machine computes on, and what runs may take of it. */

const inChromium = testNeeding('chromium')
const bench = hubBench()

for (const colorScheme of ['dark', 'light'] as const)
  inChromium(
    `the panel names every device with the reason why it does not start, ${colorScheme}, asking nobody`,
    async () => {
      const page = await bench.open({ colorScheme, width: 1024, height: 768 })
      const cards = await bench.engine()['devices.list']({})
      const dialog = await openMachine(page)
      expect(await axe(page)).toEqual([])
      const { missed, unmarked } = await tabThrough(page, 'dialog')
      expect({ missed, unmarked }).toEqual({ missed: [], unmarked: [] })
      const libraries = await bench.engine()['devices.libraries']({})
      const shown = await dialog.getByTestId('library').allInnerTexts()
      expect(shown).toHaveLength(libraries.length)
      libraries.forEach((one, i) => expect(shown[i]).toContain(one.title))
      expect(shown.every((text) => /\d GB to download, [\d.]+ GB on disk · licence:/.test(text))).toBe(true)
      const rows = await dialog.getByTestId('device-table').locator('tbody tr').allInnerTexts()
      expect(rows).toHaveLength(cards.length)
      cards.forEach((card, i) => {
        expect(rows[i]).toContain(card.works ? card.name : card.reason)
        expect(rows[i]).toMatch(card.compiled ? /\tyes\t/ : /\tno\tno\t/)
      })
      for (const card of cards)
        expect(await dialog.getByTestId(`compare-${card.id}`).count()).toBe(card.works && card.id !== 'cpu' ? 1 : 0)
      await shut(page)
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
  await enter(field('threads'), '1.5')
  await dialog.getByRole('alert').filter({ hasText: 'whole number' }).waitFor()
  expect(await field('threads').getAttribute('aria-invalid')).toBe('true')
  await enter(field('threads'), '1')
  await enter(field('cacheLimit'), '2,5')
  await enter(field('idleMinutes'), '12')
  await field('background').focus()
  await page.keyboard.press(' ')
  const kept = { threads: 1, cacheLimit: 2_500_000_000, idleMinutes: 12, background: true, memoryLimit: null }
  await expect.poll(async () => (await bench.engine()['settings.read']({})).settings).toMatchObject(kept)
  expect(await dialog.getByText(bench.served().cache).count()).toBeGreaterThan(0)
  expect(await dialog.getByText('Overruled by the command line').count()).toBe(1)

  await page.reload()
  await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
  const again = await openMachine(page)
  expect(await again.getByTestId('resource-threads').inputValue()).toBe('1')
  expect(await again.getByTestId('resource-cacheLimit').inputValue()).toBe('2.5')
  expect(await again.getByTestId('resource-background').isChecked()).toBe(true)
  await shut(page)
  expect(await page.getByTestId('status').innerText()).toMatch(/\/ 2\.5 GB/)
  await chooseModel(page, starters.wav2vec2)
  await run(page)
  expect(await page.getByTestId('made-by').innerText()).toContain('1 thread ·')
})
