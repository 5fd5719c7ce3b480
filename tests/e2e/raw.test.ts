import { Buffer } from 'node:buffer'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axe } from '../support/browser.ts'
import { testNeeding } from '../support/needs.ts'
import { hover, moment, pixelsOf, plot, settled, workbench } from '../support/workbench.ts'

/** A file without a header: what it is is asked, by keyboard, with what comes of each choice. */

const inChromium = testNeeding('chromium', 'ffmpeg')
const bench = workbench()
const [rate, seconds, clickAt] = [16_000, 3, 2.1]

/** two channels of 16 bits behind six bytes that are no sound */
const bytes = (): Buffer => {
  const all = Buffer.alloc(6 + seconds * rate * 4)
  all.fill(0x55, 0, 6)
  for (let n = 0; n < seconds * rate; n++)
    for (const channel of [0, 1]) {
      const near = Math.abs(n - clickAt * rate) < 3
      all.writeInt16LE(near ? 30_000 : Math.round(3000 * Math.sin(n / 20)), 6 + 4 * n + 2 * channel)
    }
  return all
}
const pick = async (page: Page): Promise<void> => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('open').click()])
  await chooser.setFiles([{ name: 'field <b>1.raw', mimeType: 'application/octet-stream', buffer: bytes() }])
  await page.getByTestId('raw').waitFor()
  await settled(page)
}
/** into the field that has the focus */
const type = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
}

inChromium('a file without a header is asked about, shown as it would be read, and opened', async () => {
  const page = await bench.open()
  const before = await page.getByTestId('recordings').innerText()
  await pick(page)
  const dialog = page.getByRole('dialog', { name: 'How is field <b>1.raw to be read?' })
  expect(await dialog.isVisible()).toBe(true)
  expect(await axe(page)).toEqual([])
  // Escape leaves it
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect(await page.getByTestId('recordings').innerText()).toBe(before)

  await pick(page)
  const length = page.getByTestId('raw-length')
  // the guess: 16 bits, of which there are twice as many in one channel
  expect(await page.getByTestId('raw-encoding').inputValue()).toBe('s16le')
  expect(await length.innerText()).toBe('0:02.000 · 96,003 frames')
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('raw-encoding')
  await page.keyboard.press('Tab')
  await type(page, '16000')
  await page.keyboard.press('Tab')
  await type(page, '2')
  await page.keyboard.press('Tab')
  await type(page, '-1')
  await expect
    .poll(() => page.getByTestId('raw-problem').innerText())
    .toBe('a number of bytes to skip is a whole number from 0 to 1099511627776')
  expect(await page.getByTestId('raw-open').isEnabled()).toBe(false)
  await type(page, '5')
  await expect.poll(() => length.innerText()).toBe('0:03.000 · 48,000 frames · 1 byte left over at the end')
  await settled(page)
  // read from a wrong byte it is noise: the picture is full
  const full = async (): Promise<number> => {
    const picture = await pixelsOf(page.locator('[data-testid="raw"] .picture'))
    const y = Math.floor(picture.height / 4)
    return Array.from({ length: picture.width }, (_, x) => picture.at(x, y)[3]).filter((alpha) => alpha > 100).length
  }
  expect(await full()).toBeGreaterThan(100)
  await type(page, '6')
  await expect.poll(() => length.innerText()).toBe('0:03.000 · 48,000 frames')
  await settled(page)
  expect(await full()).toBeLessThan(10)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.getByTestId('recordings').getByText('field <b>1.raw').waitFor()
  await page.keyboard.press('1')
  await settled(page)
  const facts = await page.getByTestId('recording-facts').innerText()
  expect(facts).toContain('s16le:16000:2:6')

  // the click is at its second
  await page.keyboard.press('f')
  await settled(page)
  const wave = plot(page, 'waveform', 'A')
  const picture = await pixelsOf(wave)
  const y = Math.round(0.2 * picture.height)
  const loud = Array.from({ length: picture.width }, (_, x) => x).filter((x) => picture.at(x, y)[3] > 100)
  expect(loud.length).toBeGreaterThan(0)
  await hover(page, wave, (loud.reduce((a, b) => a + b, 0) / loud.length + 0.5) / picture.width)
  expect(Math.abs((await moment(page)) - clickAt)).toBeLessThan(0.02)

  // it can be read in another way, beginning with how it was read
  await page.getByTestId('raw-again').click()
  await page.getByTestId('raw').waitFor()
  expect(await page.getByTestId('raw-skip').inputValue()).toBe('6')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
})
