import { statSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { bytes } from '../../src/renderer/format.ts'
import { dialogGone } from '../support/browser.ts'
import { hubBench, openModels, shippedFiles, type Models } from '../support/hub-bench.ts'
import { testNeeding } from '../support/needs.ts'
import { finished } from '../support/workbench.ts'
import { starters } from '../support/models.ts'

/** Downloads as a person sees them: bytes, rate and time left, paused, gone on with after a reload, cancelled, one after the other. */

const inChromium = testNeeding('chromium')
const token = 'hf_ours'
const bench = hubBench(token)

const textOf = (details: Locator): Promise<string> => details.getByTestId('download-text').innerText()
const bytesOf = (model: string): number =>
  Object.values(shippedFiles(model)).reduce((sum, { path }) => sum + statSync(path).size, 0)
/** the whole of the model takes that long, however large it is */
const slowly = (repo: string, model: string, seconds: number): void =>
  bench.hub().fault(`/cdn/${repo}`, { kind: 'slow', bytesPerSecond: Math.ceil(bytesOf(model) / seconds) })
const start = async (page: Page, repo: string): Promise<Models> => {
  const models = await openModels(page)
  await models.choose(repo)
  await models.details.getByTestId('download-start').click()
  return models
}

inChromium('a download shows how far it is, is paused, survives a reload, goes on, and is then run', async () => {
  const repo = 'onnx-community/whisper-tiny'
  bench.hub().commit(repo, { files: shippedFiles(starters.whisper), licence: 'apache-2.0' })
  slowly(repo, starters.whisper, 6)
  const whole = bytes(bytesOf(starters.whisper))
  const page = await bench.open()
  const { details } = await start(page, repo)
  await expect.poll(() => textOf(details)).toMatch(new RegExp(`^[\\d.]+ of ${whole} · [\\d.]+ [kM]B/s · \\d+ s left$`))
  expect(await details.getByRole('progressbar').getAttribute('aria-valuenow')).toMatch(/^\d+$/)

  // it goes on behind the closed list
  await page.keyboard.press('Escape')
  await dialogGone(page)
  await expect.poll(() => page.getByTestId('downloads').innerText()).toMatch(/↓ \d+ % whisper-tiny/)
  await page.getByTestId('downloads').click()
  await details.getByTestId('pause').click()
  await expect.poll(() => textOf(details)).toMatch(new RegExp(`^paused at [\\d.]+ of ${whole}$`))
  const paused = bench.hub().requests.length

  await page.reload()
  await page.getByTestId('run').and(page.locator(':enabled')).waitFor()
  expect(await page.getByTestId('downloads').innerText()).toBe('↓ 1 paused')
  const again = await openModels(page)
  await again.choose(repo)
  await expect.poll(() => textOf(details)).toMatch(new RegExp(`^paused at [\\d.]+ of ${whole}$`))
  expect(await again.dialog.getByTestId('model-list').getByRole('option', { name: repo }).innerText()).toContain(
    'paused at',
  )
  expect(bench.hub().requests.length).toBe(paused)

  bench.hub().heal()
  await details.getByTestId('resume').click()
  await details.getByTestId('use').waitFor()
  expect(
    bench
      .hub()
      .requests.slice(paused)
      .some(({ headers }) => headers.range !== undefined),
  ).toBe(true)
  await expect.poll(() => textOf(details)).toBe('downloaded and checked')
  expect(await details.locator('code').innerText()).toBe('otoscope models export whisper-tiny --out whisper-tiny.tar')
  await details.getByTestId('use').click()
  await dialogGone(page)
  expect(await page.getByRole('radio', { name: 'whisper-tiny' }).isChecked()).toBe(true)
  await page.getByTestId('run').click()
  await finished(page)
  await page.getByTestId('made-by').click()
  await expect.poll(() => page.getByTestId('run-facts').innerText()).toMatch(/nodes\s+\d+ on CPU[^]*weights\s+fp32/)
})

inChromium('a cancelled download asks first, and leaves nothing', async () => {
  const repo = 'Xenova/wav2vec2-base-960h'
  bench.hub().commit(repo, { files: shippedFiles(starters.wav2vec2) })
  slowly(repo, starters.wav2vec2, 6)
  const page = await bench.open()
  const { dialog, details } = await start(page, repo)
  await expect.poll(() => textOf(details)).toMatch(/[kM]B\/s/)
  await details.getByRole('button', { name: 'Cancel…' }).click()
  await page.keyboard.press('Escape')
  await details.getByRole('button', { name: 'Cancel…' }).click()
  await details.getByRole('button', { name: 'Delete' }).click()
  await details.getByTestId('download').waitFor({ state: 'detached' })
  expect(await details.getByRole('alert').count()).toBe(0)
  await details.getByTestId('download-start').waitFor()
  const card = (await bench.engine()['hub.catalogue']({})).find((one) => one.repo === repo)!
  expect(card).toMatchObject({ state: 'absent', partialBytes: 0 })
  expect(await dialog.getByTestId('model-list').getByRole('option', { name: repo }).innerText()).not.toContain('paused')
})

inChromium('downloads wait for each other, and the hub’s troubles are said while they last', async () => {
  const [first, second] = ['Xenova/ast-finetuned-audioset-10-10-0.4593', 'somebody/speech']
  bench.hub().commit(first, { files: shippedFiles(starters.ast) })
  bench.hub().commit(second, { files: shippedFiles(starters.wav2vec2) })
  bench.hub().fault(`/cdn/${first}`, { kind: 'status', status: 503 }, 2)
  slowly(first, starters.ast, 3)
  const page = await bench.open()
  const { details, choose, askOther } = await start(page, first)
  await expect.poll(() => textOf(details)).toMatch(/503/)
  await askOther(second)
  await details.getByTestId('download-start').click()
  await expect.poll(() => textOf(details)).toMatch(/^waiting until .* is done$/)
  await choose(first)
  await expect.poll(() => textOf(details), { timeout: 30_000 }).toMatch(/[kM]B\/s/)
  await expect.poll(() => textOf(details), { timeout: 30_000 }).toBe('downloaded and checked')
  // what was asked about by name stands in the list once it is here
  await choose(second)
  await details.getByTestId('use').waitFor()

  await details.getByRole('button', { name: 'Remove…' }).click()
  await details.getByTestId('confirm').click()
  await details.getByTestId('use').waitFor({ state: 'detached' })
  expect((await bench.engine()['models.list']({})).some(({ id }) => id === second)).toBe(false)
})

inChromium('a gated model wants a token, which is given for this program alone', async () => {
  const repo = 'somebody/gated'
  bench.hub().commit(repo, { files: shippedFiles(starters.ast), gated: 'manual', grants: [token] })
  const page = await bench.open()
  const { dialog, details, askOther } = await openModels(page)
  await askOther(repo)
  await details.getByText(/gated/).first().waitFor()
  await details.getByTestId('download-start').click()
  await details.getByRole('alert').waitFor()
  expect(await details.getByRole('alert').innerText()).toMatch(/token/)
  await details.getByRole('button', { name: 'Give an access token…' }).click()
  expect(await dialog.getByTestId('token-state').innerText()).toMatch(/^No token/)
  await page.keyboard.type(token)
  await page.keyboard.press('Enter')
  await expect.poll(() => dialog.getByTestId('token-state').innerText()).toMatch(/as long as this program runs/)
  expect(await page.content()).not.toContain(token)
  await details.getByTestId('resume').click()
  await details.getByTestId('use').waitFor()
  await dialog.getByRole('button', { name: 'Forget the token…' }).click()
  await dialog.getByTestId('confirm').click()
  await expect.poll(() => dialog.getByTestId('token-state').innerText()).toMatch(/^No token/)
})

inChromium('a newer commit is shown beside the one that is here, and not taken', async () => {
  const repo = 'somebody/newer'
  const files = shippedFiles(starters.ast)
  const here = bench.hub().commit(repo, { files })
  const page = await bench.open()
  const { dialog, details, askOther } = await openModels(page)
  await askOther(repo)
  await details.getByTestId('download-start').click()
  await details.getByTestId('use').waitFor()
  const there = bench.hub().commit(repo, { files: { ...files, 'README.md': 'news' } })
  await dialog.locator('summary').filter({ hasText: 'Updates' }).click()
  await dialog.getByTestId('updates').click()
  const row = dialog.getByTestId('update-list').getByRole('row', { name: repo })
  await row.waitFor()
  expect(await row.innerText()).toMatch(new RegExp(`${here.slice(0, 7)}[^]*${there.slice(0, 7)}[^]*changed; not taken`))
  const card = (await bench.engine()['hub.catalogue']({})).find((one) => one.repo === repo)!
  expect(card.revision).toBe(here)
})
