import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Page } from 'playwright-core'
import { resource } from '../../src/engine/paths.ts'
import { starters } from '../support/models.ts'
import { testNeeding } from '../support/needs.ts'
import { click, tone } from '../support/sounds.ts'
import { indexOfMost, letters, pane, pixelsOf, plot, settled, workbench } from '../support/workbench.ts'

/** What a newcomer sees first, and how recordings come in. */

const inChromium = testNeeding('chromium')
const bench = workbench()

const names = async (page: Page): Promise<string[]> =>
  Promise.all(
    letters.map((letter) => page.getByTestId(`column-${letter}`).getByRole('heading', { level: 2 }).innerText()),
  )
const listed = (page: Page): Promise<string[]> => page.getByTestId('recordings').locator('bdi').allTextContents()
const wav = (name: string, bytes: Uint8Array) => ({ name, mimeType: 'audio/wav', buffer: Buffer.from(bytes) })
const pick = async (page: Page, files: ReturnType<typeof wav>[]): Promise<void> => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('open').click()])
  await chooser.setFiles(files)
}

inChromium('two samples stand side by side and three models are ready to run', async () => {
  const page = await bench.open()
  const policy = (await page.request.get(bench.served().url)).headers()['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe/)

  expect((await names(page)).sort()).toEqual(['chimes.wav', 'thunder.wav'])
  const models = page.getByTestId('models').getByRole('listitem')
  expect(await models.count()).toBe(3)
  const shown = await models.allInnerTexts()
  for (const id of Object.values(starters)) {
    const text = shown.find((one) => one.startsWith(id))
    expect(text, id).toBeDefined()
    expect(text).not.toContain('untrained')
  }
  // one that has learnt something is chosen, and said to be small and of synthesised sounds, with its licence
  expect(await page.getByTestId('model-note').innerText()).toMatch(/^a starter: small, trained on synthesised .*\.$/i)
  expect(await page.getByTestId('architecture').innerText()).toMatch(/licence\s+CC0-1\.0/)
  expect(await page.getByTestId('run').innerText()).toBe('Run 5.000 s')
  for (const letter of letters) {
    for (const kind of ['waveform', 'spectrogram'] as const) {
      const picture = await pixelsOf(plot(page, kind, letter))
      const colours = new Set(
        Array.from({ length: picture.width }, (_, x) => String(picture.at(x, Math.floor(picture.height / 3)))),
      )
      expect(colours.size, `${kind} ${letter}`).toBeGreaterThan(kind === 'waveform' ? 1 : 20)
    }
    expect(await pane(page, 'hidden', letter).innerText()).toContain('has not run over this region')
  }
})

inChromium('length, rate, channels and content hash of the active recording are shown', async () => {
  const page = await bench.open()
  const facts = page.getByTestId('recording-facts')
  await page.getByTestId('column-A').getByRole('heading', { level: 2 }).click()
  const [name] = await names(page)
  const hash = createHash('sha256')
    .update(readFileSync(resource('recordings', name!)))
    .digest('hex')
  await expect.poll(() => facts.innerText()).toMatch(/0:1\d\.000[^]*\d+ kHz (mono|stereo)[^]*pcm_s16le/)
  expect(await facts.innerText()).toContain(hash.slice(0, 12))
  expect(await facts.getByTitle(hash).count()).toBe(1)

  // a stereo recording's channels are recordings beside it
  await page.getByTestId('column-B').getByRole('heading', { level: 2 }).click()
  const [, stereo] = await names(page)
  const channels = [`${stereo} (left)`, `${stereo} (right)`]
  await page.getByTestId('channel').selectOption('right')
  await page.getByTestId('split-one').click()
  await expect.poll(() => listed(page)).toContain(channels[1])
  expect(await listed(page)).not.toContain(channels[0])
  await page.getByTestId('split').click()
  await expect.poll(() => listed(page)).toEqual(expect.arrayContaining(channels))
  await page.getByRole('button', { name: `Show ${channels[1]} in column A` }).click()
  await expect.poll(() => names(page)).toEqual([channels[1], stereo])
  expect(await facts.innerText()).toMatch(/mono[^]*right, one of 2/)
  expect(await facts.getByTitle(/^[0-9a-f]{64}$/).count()).toBe(1)
  for (const name of channels) await page.getByRole('button', { name: `Close ${name}` }).click()
  // the next page shows what is still open: a press must have arrived before this one goes
  await expect.poll(async () => (await listed(page)).filter((name) => channels.includes(name))).toEqual([])
})

inChromium('picked files take the columns, and a name that looks like markup is shown as text', async () => {
  const page = await bench.open()
  const odd = `<img src=x onerror="alert('1')"> & "quoted".wav`
  const rightToLeft = 'שלום \u202Eexe.wav'
  await pick(page, [wav(odd, click(2, 0.5)), wav(rightToLeft, tone(2, 440))])
  await expect.poll(() => names(page)).toEqual([odd, rightToLeft])
  expect(await listed(page)).toEqual(expect.arrayContaining([odd, rightToLeft]))
  expect(await page.locator('img').count()).toBe(0)
  // text of a recording cannot turn round what stands beside it
  const head = page.getByTestId('column-B').getByRole('heading', { level: 2 })
  expect(await head.locator('bdi').count()).toBe(1)
  // what was put away stays in the list, and comes back by its letter
  await page.getByRole('button', { name: 'Show chimes.wav in column B' }).click()
  await expect.poll(() => names(page)).toEqual([odd, 'chimes.wav'])
  for (const name of [odd, rightToLeft]) await page.getByRole('button', { name: `Close ${name}` }).click()
  await expect.poll(() => listed(page)).toHaveLength(4)
})

inChromium('a dropped file is opened', async () => {
  const page = await bench.open()
  const transfer = await page.evaluateHandle(
    (bytes) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([new Uint8Array(bytes)], 'dropped.wav', { type: 'audio/wav' }))
      return transfer
    },
    [...click(1, 0.25)],
  )
  const target = page.getByTestId('column-B')
  await target.dispatchEvent('dragover', { dataTransfer: transfer })
  await page.getByText('Drop recordings to open them').waitFor()
  await target.dispatchEvent('drop', { dataTransfer: transfer })
  await expect.poll(() => names(page)).toContain('dropped.wav')
  expect(await page.getByText('Drop recordings to open them').count()).toBe(0)
  await settled(page)
  const letter = (await names(page))[0] === 'dropped.wav' ? 'A' : 'B'
  const picture = await pixelsOf(plot(page, 'waveform', letter))
  const filled = Array.from(
    { length: picture.width },
    (_, x) => Array.from({ length: picture.height }, (_, y) => picture.at(x, y)[3]).filter((alpha) => alpha > 0).length,
  )
  expect(Math.abs(indexOfMost(filled) - (0.25 / 5) * picture.width)).toBeLessThanOrEqual(2)
  await page.getByRole('button', { name: 'Close dropped.wav' }).click()
  await expect.poll(() => names(page)).not.toContain('dropped.wav')
})

inChromium('what is no recording is refused in one sentence, and nothing is lost', async () => {
  const page = await bench.open()
  const [before, all] = [await names(page), await listed(page)]
  const bad = [wav('story.wav', Buffer.from('once upon a time\n'.repeat(50))), wav('empty.wav', new Uint8Array(0))]
  await pick(page, bad)
  for (const { name } of bad) {
    const alert = page.getByRole('alert').getByTestId('error').filter({ hasText: name })
    const text = await alert.locator('bdi').innerText()
    expect(text).toMatch(/^[^\n]{10,300}$/)
    expect(text).not.toMatch(/\/tmp\/|undefined|Error:/)
    await alert.getByRole('button', { name: /^Dismiss/ }).click()
    await alert.waitFor({ state: 'detached' })
  }
  expect(await names(page)).toEqual(before)
  expect(await listed(page)).toEqual(all)
  // and the page goes on: the next file opens
  await pick(page, [wav('good.wav', click(1, 0.5))])
  await expect.poll(() => names(page)).toContain('good.wav')
  await page.getByRole('button', { name: 'Close good.wav' }).click()
  await expect.poll(() => names(page)).toEqual(expect.not.arrayContaining(['good.wav']))
})
