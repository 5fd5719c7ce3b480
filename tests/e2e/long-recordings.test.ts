import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { writeWav } from '../../src/formats/wav.ts'
import { ffmpegPath, testNeeding } from '../support/needs.ts'
import { pixelsOf, workbench } from '../support/workbench.ts'

/** An hour of sound: it fills in while it is read, can be cancelled, and is there at once the second time. */

const inChromium = testNeeding('chromium', 'ffmpeg')
const bench = workbench()
const folder = mkdtempSync(join(tmpdir(), 'otoscope-long-'))
const hour = join(folder, 'hour of field 🎙.mp3')
const rate = 44_100

/** Ten minutes, five loud and five silent, six times over: copied, so that only ten minutes are encoded. */
beforeAll(() => {
  const minutes = (count: number): number => count * 60 * rate
  const samples = new Float32Array(minutes(10))
  for (let n = 0; n < minutes(5); n++) samples[n] = 0.5 * Math.sin((2 * Math.PI * 300 * n) / rate)
  const source = join(folder, 'source.wav')
  writeFileSync(source, writeWav({ rate, channels: [samples] }))
  const ffmpeg = (...words: string[]): void => void spawnSync(ffmpegPath, ['-v', 'error', '-nostdin', ...words])
  const once = join(folder, 'once.mp3')
  ffmpeg('-i', source, '-c:a', 'libmp3lame', '-b:a', '64k', once)
  ffmpeg('-stream_loop', '5', '-i', once, '-c', 'copy', hour)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How much of a plot's height is drawn on at a share of its width. */
const filled = async (plot: Locator, share: number): Promise<number> => {
  const picture = await pixelsOf(plot)
  const x = Math.floor(share * picture.width)
  const rows = Array.from({ length: picture.height }, (_, y) => picture.at(x, y)[3])
  return rows.filter((alpha) => alpha > 0).length / picture.height
}
const open = async (page: Page): Promise<void> => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('open').click()])
  await chooser.setFiles(hour)
}
/** Programs of this machine that decode an upload. */
const decoding = (): number =>
  readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && /ffmpeg.*otoscope-uploads/.test(readFileSync(`/proc/${id}/cmdline`, 'utf8'))
    } catch {
      return false
    }
  }).length

inChromium('an hour fills in as it is read, can be cancelled, and opens at once when it is known', async () => {
  const page = await bench.open()
  const opening = page.getByTestId('column-A').getByTestId('opening')
  const names = () => page.getByTestId('recordings').locator('bdi').allTextContents()
  const before = await names()

  await open(page)
  await opening.waitFor()
  // a quarter is enough to see the first loud and silent minutes, on the axis of the whole hour
  await expect
    .poll(async () => Number(/^(\d+):/.exec(await opening.getByTestId('opening-read').innerText())?.[1]), {
      timeout: 30_000,
      interval: 50,
    })
    .toBeGreaterThanOrEqual(11)
  expect(await opening.getByTestId('opening-read').innerText()).toMatch(/^\d+:\d\d of (59:5\d|1:00:0\d) read$/)
  expect(await opening.innerText()).toContain('hour of field 🎙.mp3')
  expect(await filled(opening, 2.5 / 60)).toBeGreaterThan(0.9)
  expect(await filled(opening, 7.5 / 60)).toBeLessThan(0.1)
  expect(await filled(opening, 57.5 / 60)).toBeLessThan(0.1)
  await opening.getByRole('button', { name: /^Cancel opening hour/ }).click()
  await opening.waitFor({ state: 'detached' })
  expect(await names()).toEqual(before)
  expect(await page.getByRole('alert').getByTestId('error').count()).toBe(0)
  if (process.platform === 'linux') await expect.poll(decoding).toBe(0)

  await open(page)
  await expect.poll(names, { timeout: 60_000 }).toContain('hour of field 🎙.mp3')
  await opening.waitFor({ state: 'detached' })
  const overview = page.getByTestId('column-A').getByTestId('overview-A')
  await expect.poll(() => filled(overview, 2.5 / 60)).toBeGreaterThan(0.9)
  expect(await filled(overview, 57.5 / 60)).toBeLessThan(0.1)
  expect(await filled(overview, 52.5 / 60)).toBeGreaterThan(0.9)
})
