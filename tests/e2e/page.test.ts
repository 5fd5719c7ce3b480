import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axe, dialogGone } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import { tabThrough } from '../support/tab-walk.ts'
import { boxOf, chooseModel, letters, pane, run, settled, workbench } from '../support/workbench.ts'
import { shapes, starters } from '../support/models.ts'

/** The page itself: readable in both themes, usable without a pointer, and whole on a small screen. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const openRun = async (options: Parameters<typeof bench.open>[0] = {}): Promise<Page> => {
  const page = await bench.open(options)
  await chooseModel(page, starters.whisper)
  await run(page)
  return page
}
/** away from every control, so that keys are the page's */
const leaveControls = async (page: Page): Promise<void> => {
  await page.mouse.move(1, 1)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
}

for (const colorScheme of ['dark', 'light'] as const)
  inChromium(
    `axe finds nothing serious in the ${colorScheme} theme, with results, menus and dialogs open`,
    async () => {
      const page = await openRun({ colorScheme })
      expect(await axe(page)).toEqual([])
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
      const bright = (ground.match(/\d+/g) ?? []).slice(0, 3).every((channel) => Number(channel) > 128)
      expect(bright).toBe(colorScheme === 'light')
      for (const model of [starters.wav2vec2, starters.ast]) {
        await chooseModel(page, model)
        await run(page)
        expect(await axe(page), model).toEqual([])
      }
      await pane(page, 'attention', 'A')
        .getByRole('button', { name: /^More of/ })
        .click()
      expect(await axe(page), 'menu').toEqual([])
      await page.keyboard.press('Escape')
      await leaveControls(page)
      for (const key of ['e', '?', 'Control+k']) {
        await page.keyboard.press(key)
        await page.getByRole('dialog').waitFor()
        expect(await axe(page), `dialog of ${key}`).toEqual([])
        await page.keyboard.press('Escape')
        await dialogGone(page)
      }
    },
  )

inChromium('Tab reaches every control, and each shows that it has the focus', async () => {
  const page = await openRun({ width: 1280, height: 720 })
  await leaveControls(page)
  const { wanted, missed, unmarked } = await tabThrough(page)
  expect(wanted).toBeGreaterThan(60)
  expect(missed).toEqual([])
  expect(unmarked).toEqual([])
})

inChromium('every pane says how it is read, with the numbers it shows and what made them', async () => {
  const page = await openRun()
  const hidden = await pane(page, 'hidden', 'A').locator('.scale').first().innerText()
  for (const [kind, wanted] of [
    ['waveform', /it lies between −[\d.]+ and [\d.]+; ±1 is full scale/],
    ['spectrogram', /Greatest of what is shown: −[\d.]+ dB, near [\d.]+ k?Hz at 0:0\d\.\d{3}/],
    [
      'hidden',
      /one of 192 dimensions, a column a step: 20 ms apart[^]*±[\d.]+ and more[^]*Made by whisper-starter: CPU/,
    ],
    ['attention', /they sum to 1[^]*Move over the map to read a row[^]*Made by whisper-starter: CPU/],
    ['text', /Least sure: “.+”, [\d.]+\.[^]*Made by whisper-starter: CPU/],
  ] as const) {
    const button = pane(page, kind, 'A').getByRole('button', { name: /^How to read/ })
    await button.focus()
    await page.keyboard.press('Enter')
    const note = pane(page, kind, 'A').getByRole('note').filter({ hasText: 'How to read this' })
    await expect.poll(() => note.innerText(), { message: kind }).toMatch(wanted)
    if (kind === 'hidden') {
      const most = /±([\d.]+) and more/.exec(await note.innerText())![1]!
      expect(hidden).toContain(most)
      expect(await axe(page)).toEqual([])
    }
    await page.keyboard.press('Escape')
    await note.waitFor({ state: 'hidden' })
  }
})

inChromium('keys do what the table of shortcuts says', async () => {
  const page = await openRun()
  const press = async (key: string): Promise<void> => {
    await leaveControls(page)
    await page.keyboard.press(key)
    await settled(page)
  }
  const header = (kind: 'attention' | 'hidden' | 'spectrogram'): Promise<string> =>
    pane(page, kind, 'B').locator('header').innerText()
  // shown first are the last layer and the state after it
  const last = shapes.whisper.layers - 1
  await press('Shift+J')
  expect(await header('attention')).toContain(`encoder.attention.${last - 1}`)
  await press('h')
  await press('h')
  expect(await header('attention')).toContain('head 0')
  await press('x')
  expect(await header('attention')).toContain('decoder.attention')
  await press('x')
  expect(await header('attention')).toContain('cross.attention')
  await press('j')
  expect(await header('hidden')).toContain(`encoder.hidden.${last}`)
  await press('s')
  expect(await header('spectrogram')).toMatch(/log-mel 80/)
  await press('t')
  expect(await page.getByTestId('theme').inputValue()).toBe('dark')
  await press('c')
  expect(await page.getByTestId('lock-ranges').getAttribute('aria-pressed')).toBe('false')
  await press('n')
  expect(await page.getByTestId('column-C').count()).toBe(1)
  await press('3')
  await press('Shift+N')
  expect(await page.getByTestId('column-C').count()).toBe(0)
  await press('b')
  expect(await page.getByRole('complementary').count()).toBe(0)
  await press('b')
  await press('m')
  expect(await page.getByRole('radio', { name: starters.whisper }).isChecked()).toBe(false)
  await press('Shift+M')
  expect(await page.getByRole('radio', { name: starters.whisper }).isChecked()).toBe(true)
  await press('f')
  await press('g')

  await press('Control+k')
  const dialog = page.getByRole('dialog', { name: 'All commands' })
  await dialog.getByRole('combobox').fill('export figure')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Export a figure' }).waitFor()
  await page.keyboard.press('Escape')
  // a letter typed into a field is text
  const field = page.getByRole('spinbutton', { name: 'Region start of column A in seconds' })
  await field.focus()
  await page.keyboard.press('e')
  expect(await page.getByRole('dialog').count()).toBe(0)
  // settings outlive the page
  await page.reload()
  await page.getByTestId('made-by').waitFor()
  expect(await page.getByTestId('theme').inputValue()).toBe('dark')
})

inChromium('1280 × 720 holds the whole workbench: nothing overlaps, nothing is cut off', async () => {
  const page = await openRun({ width: 1280, height: 720 })
  const check = async (state: string): Promise<void> => {
    const found = await page.evaluate(() => {
      const root = document.documentElement
      const problems: string[] = []
      if (root.scrollWidth > innerWidth) problems.push(`the page is ${root.scrollWidth} pixels wide`)
      if (root.scrollHeight > innerHeight) problems.push(`the page is ${root.scrollHeight} pixels high`)
      const main = document.querySelector('main')!
      if (main.scrollWidth > main.clientWidth)
        problems.push(`the columns are ${main.scrollWidth} of ${main.clientWidth} wide`)
      for (const one of document.querySelectorAll<HTMLElement>('button, select, input:not(.unseen)')) {
        if (!one.checkVisibility({ visibilityProperty: true }) || one.tabIndex < 0) continue
        one.scrollIntoView({ block: 'center', inline: 'center' })
        const box = one.getBoundingClientRect()
        const name = `${one.tagName} ${one.getAttribute('aria-label') ?? one.title} ${one.textContent.trim().slice(0, 20)}`
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2]
        const top = document.elementFromPoint(x, y)
        if (!top || !(one.contains(top) || top.contains(one)))
          problems.push(`${name} lies under ${top?.outerHTML.slice(0, 80)}`)
        else if (top !== one && !one.contains(top) && !top.matches('label'))
          problems.push(`${name} is covered by its own ${top.tagName}`)
        if (box.left < 0 || box.right > innerWidth + 0.5)
          problems.push(`${name} reaches from ${box.left} to ${box.right}`)
      }
      return problems
    })
    expect(found, state).toEqual([])
  }
  await check('Whisper')
  for (const model of [starters.wav2vec2, starters.ast]) {
    await chooseModel(page, model)
    await run(page)
    await check(model)
  }
  for (const letter of letters)
    for (const kind of ['waveform', 'spectrogram', 'hidden', 'attention', 'text'] as const) {
      const one = pane(page, kind, letter)
      await one.scrollIntoViewIfNeeded()
      const box = await boxOf(one)
      expect(box.y, `${kind} ${letter}`).toBeGreaterThanOrEqual(40)
      expect(box.y + box.height, `${kind} ${letter}`).toBeLessThanOrEqual(720 - 28 + 1)
      expect(box.x + box.width).toBeLessThanOrEqual(1280)
    }
})
