import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { writeWav } from '../../src/formats/wav.ts'
import { ffmpegPath, testNeeding } from '../support/needs.ts'
import { tone } from '../support/sounds.ts'
import { pixelsOf, workbench } from '../support/workbench.ts'

/** An hour of sound fills in while it is read; the files of open recordings are followed. */

const inChromium = testNeeding('chromium', 'ffmpeg')
const folder = mkdtempSync(join(tmpdir(), 'otoscope-long-'))
const field = join(folder, 'field.wav')
writeFileSync(field, tone(2, 440))
const bench = workbench(() => [field])
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
/** The program's own processes that decode an upload, as Linux tells them. */
const decoding = (): number[] => {
  const children = `/proc/${bench.served().child.pid}/task/${bench.served().child.pid}/children`
  if (!existsSync(children)) return []
  const ids = readFileSync(children, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  return ids.filter(
    (id) => existsSync(`/proc/${id}`) && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('otoscope-uploads'),
  )
}

inChromium('an hour fills in as it is read, and can be cancelled', async () => {
  const page = await bench.open()
  const opening = page.getByTestId('column-B').getByTestId('opening')
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
  // it stands still while it is looked at
  const decoders = decoding()
  if (process.platform === 'linux') expect(decoders).toHaveLength(1)
  for (const id of decoders) process.kill(id, 'SIGSTOP')
  expect(await opening.getByTestId('opening-read').innerText()).toMatch(/^\d+:\d\d of (59:5\d|1:00:0\d) read$/)
  expect(await opening.innerText()).toContain('hour of field 🎙.mp3')
  expect(await filled(opening, 2.5 / 60)).toBeGreaterThan(0.9)
  expect(await filled(opening, 7.5 / 60)).toBeLessThan(0.1)
  expect(await filled(opening, 57.5 / 60)).toBeLessThan(0.1)
  await opening.getByRole('button', { name: /^Cancel opening hour/ }).click()
  await opening.waitFor({ state: 'detached' })
  expect(await names()).toEqual(before)
  expect(await page.getByRole('alert').getByTestId('error').count()).toBe(0)
  await expect.poll(decoding).toEqual([])

  await open(page)
  await expect.poll(names, { timeout: 60_000 }).toContain('hour of field 🎙.mp3')
  await opening.waitFor({ state: 'detached' })
  const overview = page.getByTestId('column-B').getByTestId('overview-B')
  await expect.poll(() => filled(overview, 2.5 / 60)).toBeGreaterThan(0.9)
  expect(await filled(overview, 57.5 / 60)).toBeLessThan(0.1)
  expect(await filled(overview, 52.5 / 60)).toBeGreaterThan(0.9)
  await page.getByRole('button', { name: 'Close hour of field 🎙.mp3' }).click()
  await expect.poll(names).toEqual(before)
})

inChromium('a file that is renamed, written to or removed is followed, and said', async () => {
  const page = await bench.open()
  const column = page.getByTestId('column-A')
  const name = () => column.getByRole('heading', { level: 2 }).innerText()
  const said = column.getByTestId('file-state')
  /** the files are looked at when the window is come back to, every two seconds at most */
  const comeBack = <T>(seen: () => Promise<T>) =>
    expect.poll(
      async () => {
        await page.evaluate(() => window.dispatchEvent(new Event('focus')))
        return seen()
      },
      { interval: 500, timeout: 20_000 },
    )
  expect(await said.count()).toBe(0)
  const renamed = join(folder, 'dawn 🐦.wav')
  renameSync(field, renamed)
  await comeBack(name).toBe('dawn 🐦.wav')
  expect(await page.getByTestId('notice').allInnerTexts()).toEqual([
    expect.stringContaining('field.wav is called dawn 🐦.wav now') as string,
  ])
  expect(await said.count()).toBe(0)

  writeFileSync(renamed, tone(3, 880))
  await comeBack(() => said.allInnerTexts()).toEqual([
    expect.stringMatching(/^dawn 🐦\.wav has changed since it was opened; open it anew/) as string,
  ])
  await page.getByTestId('column-B').getByText('No recording in column B').waitFor()
  await said.getByRole('button', { name: 'Open anew' }).click()
  // beside the old one, whose results stay
  await expect
    .poll(() => page.getByTestId('column-B').getByRole('heading', { level: 2 }).innerText())
    .toBe('dawn 🐦.wav')
  expect(await name()).toBe('dawn 🐦.wav')
  expect(await page.getByTestId('recordings').getByRole('listitem').count()).toBe(2)
  expect(await page.getByTestId('column-B').getByTestId('file-state').count()).toBe(0)

  rmSync(renamed)
  await comeBack(() => page.getByTestId('column-B').getByTestId('file-state').allInnerTexts()).toEqual([
    expect.stringMatching(/^dawn 🐦\.wav was removed or moved away; what was computed is still shown/) as string,
  ])
})
